import { Stack } from 'aws-cdk-lib';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { SourcePlan } from '../../architecture/automation';
import { allow } from '../../policies/allow';
import type { Deployments } from './deployments';
import type { Replacement } from './replacement';
import type { ScriptProject } from './script-project';

const SOURCE = 'Source';
const BUNDLE = 'Bundle';

export interface ReleasePipelineProps {
  readonly source: SourcePlan;
  readonly bucket: s3.IBucket;
  readonly build: ScriptProject;
  /** How the release reaches the nodes: on running nodes, or with new ones. */
  readonly delivery: Deployments | Replacement;
}

/** From the source to the nodes. A change starts it; nothing polls. */
export class ReleasePipeline extends Construct {
  private readonly role: iam.Role;

  constructor(scope: Construct, id: string, { source, bucket, build, delivery }: ReleasePipelineProps) {
    super(scope, id);
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codepipeline.amazonaws.com'),
      description: 'The pipeline of releases',
    });
    allow(this.role, {
      actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      wildcardsBecause: 'A pipeline makes up the names of its artifacts, and may be given no prefix for them.',
    });
    allow(this.role, {
      actions: ['s3:GetBucketVersioning', 's3:GetBucketLocation', 's3:ListBucket'],
      resources: [bucket.bucketArn],
    });
    const pipeline = new codepipeline.CfnPipeline(this, 'Pipeline', {
      pipelineType: 'V2',
      // The newest source is what counts: an older one that waits is passed over.
      executionMode: 'SUPERSEDED',
      roleArn: this.role.roleArn,
      artifactStore: { type: 'S3', location: bucket.bucketName },
      stages: [
        { name: 'Source', actions: [this.sourceAction(source, bucket)] },
        { name: 'Build', actions: [this.buildAction(build)] },
        {
          name: 'Deploy',
          actions: 'groups' in delivery ? this.deployActions(delivery) : [this.replaceAction(delivery.project)],
        },
      ],
    });
    pipeline.node.addDependency(this.role);
    if (source.kind === 's3') this.startOn(source.key, bucket, pipeline);
  }

  private sourceAction(source: SourcePlan, bucket: s3.IBucket): codepipeline.CfnPipeline.ActionDeclarationProperty {
    const common = { name: 'Source', outputArtifacts: [{ name: SOURCE }], runOrder: 1 };
    if (source.kind === 's3') {
      return {
        ...common,
        actionTypeId: { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' },
        configuration: { S3Bucket: bucket.bucketName, S3ObjectKey: source.key, PollForSourceChanges: 'false' },
      };
    }
    const { connectionArn, repository, branch } = source;
    allow(this.role, {
      // Connections made before the service was renamed ask for the old name of the action.
      actions: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
      resources: [connectionArn],
    });
    return {
      ...common,
      actionTypeId: { category: 'Source', owner: 'AWS', provider: 'CodeStarSourceConnection', version: '1' },
      configuration: {
        ConnectionArn: connectionArn,
        FullRepositoryId: repository,
        BranchName: branch,
        DetectChanges: 'true',
      },
    };
  }

  private buildAction(build: ScriptProject): codepipeline.CfnPipeline.ActionDeclarationProperty {
    this.letRun(build);
    return {
      name: 'Build',
      namespace: 'Build',
      actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
      inputArtifacts: [{ name: SOURCE }],
      outputArtifacts: [{ name: BUNDLE }],
      configuration: {
        ProjectName: build.name,
        EnvironmentVariables: JSON.stringify([{ name: 'BUILD', value: '#{codepipeline.PipelineExecutionId}' }]),
      },
      runOrder: 1,
    };
  }

  /** One fleet after the other: what the first does not survive, the next is spared. */
  private deployActions(deployments: Deployments): codepipeline.CfnPipeline.ActionDeclarationProperty[] {
    deployments.letDeploy(this.role);
    return deployments.groups.map(({ fleet, name }, index) => ({
      name: fleet.name,
      actionTypeId: { category: 'Deploy', owner: 'AWS', provider: 'CodeDeploy', version: '1' },
      inputArtifacts: [{ name: BUNDLE }],
      configuration: { ApplicationName: deployments.applicationName, DeploymentGroupName: name },
      runOrder: index + 1,
    }));
  }

  private replaceAction(project: ScriptProject): codepipeline.CfnPipeline.ActionDeclarationProperty {
    this.letRun(project);
    return {
      name: 'Replace',
      actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
      inputArtifacts: [{ name: BUNDLE }],
      configuration: {
        ProjectName: project.name,
        EnvironmentVariables: JSON.stringify([{ name: 'RELEASE_URI', value: '#{Build.RELEASE_URI}' }]),
      },
      runOrder: 1,
    };
  }

  private letRun(project: ScriptProject): void {
    allow(this.role, { actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'], resources: [project.arn] });
  }

  /** The bucket tells EventBridge of every object; this one starts the pipeline. */
  private startOn(key: string, bucket: s3.IBucket, pipeline: codepipeline.CfnPipeline): void {
    const stack = Stack.of(this);
    const arn = stack.formatArn({ service: 'codepipeline', resource: pipeline.ref });
    const role = new iam.Role(this, 'EventRole', { assumedBy: new iam.ServicePrincipal('events.amazonaws.com') });
    allow(role, { actions: ['codepipeline:StartPipelineExecution'], resources: [arn] });
    new events.CfnRule(this, 'NewSource', {
      description: 'A new source of the release is there',
      eventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [bucket.bucketName] }, object: { key: [key] } },
      },
      targets: [{ id: 'pipeline', arn, roleArn: role.roleArn }],
    });
  }
}
