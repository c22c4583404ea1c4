import { createHash } from 'node:crypto';
import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import { Construct } from 'constructs';
import type { CpuArchitecture } from '../../facts/instance-type';
import type { NodeImage } from '../../node/blueprint';
import { goldenImageParameter } from '../../node/golden-image';
import { packagesComponent } from '../../node/packages-component';
import { allow } from '../../policies/allow';
import { imageParameter } from '../compute/machine-image';
import { letBeManaged } from '../compute/systems-manager';
import { SUBNETS } from '../network/environment-network';

/** Recipes and components never change under one version; ours have one, and their content in their name. */
const VERSION = '1.0.0';

/** Instance types that bake and test an image; nothing of them is left in it. */
const BUILDERS: Readonly<Record<CpuArchitecture, string>> = { amd64: 't3.medium', arm64: 't4g.medium' };

export interface GoldenImageProps {
  readonly environment: string;
  readonly image: NodeImage;
  readonly architecture: CpuArchitecture;
  readonly packages: readonly string[];
  readonly vpc: ec2.IVpc;
}

/**
 * Bakes an image each week: the maker's newest, updated, with what a boot would install, booted once to see that it
 * does. Its id goes to a parameter. Nodes use it once the configuration says so (docs/machines.md): before the first
 * image there is no parameter, and no node would boot.
 */
export class GoldenImage extends Construct {
  constructor(scope: Construct, id: string, props: GoldenImageProps) {
    super(scope, id);
    const { environment, image, architecture, packages, vpc } = props;
    const { region, partition } = Stack.of(this);
    const name = `${environment}-node-${architecture}`;
    const ofAws = (component: string): string =>
      `arn:${partition}:imagebuilder:${region}:aws:component/${component}/x.x.x`;

    const data = packagesComponent(packages);
    const component = new imagebuilder.CfnComponent(this, 'Packages', {
      name: `${name}-packages-${digest(data)}`,
      description: `What a boot of ${environment} would install`,
      platform: 'Linux',
      version: VERSION,
      data,
    });
    const parentImage = `ssm:${imageParameter(image, architecture)}`;
    // The managed updates come first: packages are then those of the updated system.
    const components = [ofAws('update-linux'), component.attrArn, ofAws('simple-boot-test-linux')];
    const recipe = new imagebuilder.CfnImageRecipe(this, 'Recipe', {
      name: `${name}-${digest(parentImage, data)}`,
      version: VERSION,
      parentImage,
      components: components.map((componentArn) => ({ componentArn })),
      blockDeviceMappings: [
        { deviceName: '/dev/xvda', ebs: { encrypted: true, volumeType: 'gp3', deleteOnTermination: true } },
      ],
    });
    // By its name: what refers to the ARN itself is no ARN to a reader of the template.
    const own = Stack.of(this).formatArn({
      service: 'imagebuilder',
      resource: 'component',
      resourceName: `${component.name.toLowerCase()}/*`,
    });
    const role = this.builderRole(name, [own, ofAws('*').replace(/x\.x\.x$/, '*')]);
    const infrastructure = this.infrastructure(name, BUILDERS[architecture], { vpc, role });
    const distribution = new imagebuilder.CfnDistributionConfiguration(this, 'Distribution', {
      name,
      distributions: [
        {
          region,
          amiDistributionConfiguration: { Name: `${name}-{{ imagebuilder:buildDate }}` },
          ssmParameterConfigurations: [
            { parameterName: goldenImageParameter(environment, architecture), dataType: 'aws:ec2:image' },
          ],
        },
      ],
    });
    new imagebuilder.CfnImagePipeline(this, 'Pipeline', {
      name,
      description: `Golden image of the nodes of ${environment}, ${architecture}`,
      imageRecipeArn: recipe.attrArn,
      infrastructureConfigurationArn: infrastructure.attrArn,
      distributionConfigurationArn: distribution.attrArn,
      imageTestsConfiguration: { imageTestsEnabled: true, timeoutMinutes: 60 },
      // The maker publishes through a parameter, which has no versions to wait for: by the clock alone.
      schedule: { scheduleExpression: 'cron(0 1 ? * sun)', pipelineExecutionStartCondition: 'EXPRESSION_MATCH_ONLY' },
      status: 'ENABLED',
    });
  }

  /**
   * Role of an instance that bakes: `EC2InstanceProfileForImageBuilder` for the components, buckets and log of this
   * image alone, and the Systems Manager agent, by which Image Builder leads it.
   *
   * Sources: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/EC2InstanceProfileForImageBuilder.html,
   * https://docs.aws.amazon.com/imagebuilder/latest/userguide/vpc-interface-endpoints.html (2026-11-29)
   */
  private builderRole(name: string, componentArns: readonly string[]): iam.Role {
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: `What an instance may do that bakes ${name}`,
    });
    const { region, partition } = Stack.of(this);
    letBeManaged(role);
    allow(role, {
      actions: ['imagebuilder:GetComponent'],
      resources: componentArns,
      wildcardsBecause: 'AWS publishes new versions of its components; the other one is named.',
    });
    allow(role, {
      actions: ['s3:GetObject'],
      resources: [
        `arn:${partition}:s3:::ec2imagebuilder-managed-resources-${region}-prod/components/*`,
        `arn:${partition}:s3:::ec2imagebuilder-toe-${region}-prod/*`,
      ],
      wildcardsBecause: 'AWS keeps its components, and the program that runs them, in these public buckets.',
    });
    allow(role, {
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: `/aws/imagebuilder/${name}-*`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      wildcardsBecause: 'The log is named after the recipe, whose name ends in what its content makes of it.',
    });
    return role;
  }

  /** In a private subnet, with a way out and none in. */
  private infrastructure(
    name: string,
    instanceType: string,
    { vpc, role }: { vpc: ec2.IVpc; role: iam.Role },
  ): imagebuilder.CfnInfrastructureConfiguration {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: `Instances that bake ${name}`,
      allowAllIpv6Outbound: true,
    });
    const [subnetId] = vpc.selectSubnets(SUBNETS.app).subnetIds;
    if (subnetId === undefined) throw new Error('the network has no subnet for the app');
    return new imagebuilder.CfnInfrastructureConfiguration(this, 'Infrastructure', {
      name,
      instanceProfileName: new iam.InstanceProfile(this, 'Profile', { role }).instanceProfileName,
      instanceTypes: [instanceType],
      instanceMetadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      subnetId,
      securityGroupIds: [securityGroup.securityGroupId],
      terminateInstanceOnFailure: true,
    });
  }
}

function digest(...texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 8);
}
