import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { allow } from '../../policies/allow';
import { letReadBundles } from './artifacts';
import type { Deployments } from './deployments';
import { letDecideRelease } from './release-parameters';
import { ScriptProject } from './script-project';
import type { Scripts } from './scripts';

export interface PromotionProps {
  readonly environment: string;
  readonly deployments: Deployments;
  /** Bucket of the bundles of deployments. */
  readonly bucket: s3.IBucket;
  readonly scripts: Scripts;
  readonly logDays: number;
}

/**
 * Whoever started it, a deployment that has succeeded decides what nodes boot from then on, and a rollback that has
 * succeeded does too.
 */
export class Promotion extends Construct {
  constructor(scope: Construct, id: string, { environment, deployments, bucket, scripts, logDays }: PromotionProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const project = new ScriptProject(this, 'Promote', {
      description: `Writes down what a deployment has brought to ${environment}`,
      scripts,
      buildSpec: 'run.yml',
      source: 'none',
      variables: { SCRIPT: 'promote.sh', ENVIRONMENT: environment },
      timeoutMinutes: 120,
      logDays,
    });
    letDecideRelease(project.role, environment, { putsBack: false });
    allow(project.role, {
      actions: ['codedeploy:GetDeployment'],
      resources: deployments.groups.map(({ name }) =>
        stack.formatArn({
          service: 'codedeploy',
          resource: 'deploymentgroup',
          resourceName: `${deployments.applicationName}/${name}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    });
    // Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html (2026-11-29)
    allow(project.role, {
      actions: ['codedeploy:ListDeploymentTargets'],
      resources: ['*'],
      wildcardsBecause: 'The service knows no resource for this action: named with one, it grants nothing.',
    });
    letReadBundles(project.role, bucket, environment);
    allow(project.role, {
      actions: ['autoscaling:DescribeAutoScalingGroups'],
      resources: ['*'],
      wildcardsBecause: 'Describing knows no resource-level permissions.',
    });
    allow(project.role, {
      actions: ['autoscaling:SetInstanceHealth'],
      resources: deployments.groups.map(({ fleet }) => fleet.fleet.group.autoScalingGroupArn),
      wildcardsBecause: 'The ARN of a group holds an id that only the service knows; the name in it is the one.',
    });

    const role = new iam.Role(this, 'EventRole', { assumedBy: new iam.ServicePrincipal('events.amazonaws.com') });
    allow(role, { actions: ['codebuild:StartBuild'], resources: [project.arn] });
    for (const { fleet, name } of deployments.groups) {
      new events.CfnRule(this, `${fleet.name}Succeeded`, {
        description: `A deployment to ${fleet.tag} has succeeded`,
        eventPattern: {
          source: ['aws.codedeploy'],
          'detail-type': ['CodeDeploy Deployment State-change Notification'],
          detail: { state: ['SUCCESS'], application: [deployments.applicationName], deploymentGroup: [name] },
        },
        targets: [
          {
            id: 'promote',
            arn: project.arn,
            roleArn: role.roleArn,
            inputTransformer: {
              inputPathsMap: { deployment: '$.detail.deploymentId' },
              inputTemplate: stack.toJsonString({
                environmentVariablesOverride: [
                  { name: 'DEPLOYMENT_ID', value: '<deployment>' },
                  { name: 'GROUP', value: fleet.fleet.group.autoScalingGroupName },
                ],
              }),
            },
          },
        ],
      });
    }
  }
}
