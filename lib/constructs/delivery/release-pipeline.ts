import { Stack } from 'aws-cdk-lib';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { SourcePlan } from '../../architecture/automation';
import { allow } from '../../policies/allow';
import { type Artifact, letReadArtifact, letWriteArtifact } from './artifacts';
import type { Deployments } from './deployments';
import type { ReleaseBuild } from './release-build';
import type { Replacement } from './replacement';
import type { ScriptProject } from './script-project';

type ActionDeclaration = codepipeline.CfnPipeline.ActionDeclarationProperty;

export interface ReleasePipelineProps {
  readonly environment: string;
  readonly source: SourcePlan;
  readonly bucket: s3.IBucket;
  readonly build: ReleaseBuild;
  /** Way of the release to the nodes: on running nodes, or with new ones. */
  readonly delivery: Deployments | Replacement;
}

interface ProjectAction {
  readonly takes: Artifact;
  readonly gives?: Artifact;
  readonly runOrder: number;
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** From the source to the nodes. A change starts it; nothing polls. */
export class ReleasePipeline extends Construct {
  private readonly role: iam.Role;

  constructor(scope: Construct, id: string, { environment, source, bucket, build, delivery }: ReleasePipelineProps) {
    super(scope, id);
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codepipeline.amazonaws.com'),
      description: 'The pipeline of releases',
    });
    // Builds write what they hand over themselves, with their own roles.
    letWriteArtifact(this.role, bucket, environment, 'Source');
    for (const artifact of ['Source', 'Built', 'Bundle'] as const) {
      letReadArtifact(this.role, bucket, environment, artifact);
    }
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
        { name: 'Build', actions: this.buildActions(build) },
        {
          name: 'Deploy',
          actions: 'groups' in delivery ? this.deployActions(delivery) : [this.replaceAction(delivery.project)],
        },
      ],
    });
    pipeline.node.addDependency(this.role);
    if (source.kind === 's3') this.startOn(source.key, bucket, pipeline);
  }

  private sourceAction(source: SourcePlan, bucket: s3.IBucket): ActionDeclaration {
    const common = { name: 'Source', outputArtifacts: [{ name: 'Source' satisfies Artifact }], runOrder: 1 };
    if (source.kind === 's3') {
      allow(this.role, {
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resources: [bucket.arnForObjects(source.key)],
      });
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

  /** The build that runs the source is between two that do not: one makes its toolchain, the other publishes. */
  private buildActions({ toolchain, project, publication }: ReleaseBuild): ActionDeclaration[] {
    const made = toolchain && this.run('Toolchain', toolchain, { takes: 'Source', runOrder: 1 });
    const built = this.run('Build', project, {
      takes: 'Source',
      gives: 'Built',
      runOrder: 2,
      variables: toolchain && {
        TOOLCHAIN_URI: '#{Toolchain.TOOLCHAIN_URI}',
        TOOLCHAIN_SHA256: '#{Toolchain.TOOLCHAIN_SHA256}',
      },
    });
    const published = this.run('Publish', publication, {
      takes: 'Built',
      gives: 'Bundle',
      runOrder: 3,
      variables: { BUILD: '#{codepipeline.PipelineExecutionId}' },
    });
    return [...(made ? [made] : []), built, published];
  }

  /** One fleet after the other: what the first does not survive, the next is spared. */
  private deployActions(deployments: Deployments): ActionDeclaration[] {
    deployments.letDeploy(this.role);
    return deployments.groups.map(({ fleet, name }, index) => ({
      name: fleet.name,
      actionTypeId: { category: 'Deploy', owner: 'AWS', provider: 'CodeDeploy', version: '1' },
      inputArtifacts: [{ name: 'Bundle' satisfies Artifact }],
      configuration: { ApplicationName: deployments.applicationName, DeploymentGroupName: name },
      runOrder: index + 1,
    }));
  }

  private replaceAction(project: ScriptProject): ActionDeclaration {
    return this.run('Replace', project, {
      takes: 'Bundle',
      runOrder: 1,
      variables: { RELEASE_URI: '#{Publish.RELEASE_URI}' },
    });
  }

  /** An action that runs a project. What it exports is found under its name. */
  private run(
    name: string,
    project: ScriptProject,
    { takes, gives, runOrder, variables }: ProjectAction,
  ): ActionDeclaration {
    allow(this.role, { actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'], resources: [project.arn] });
    return {
      name,
      namespace: name,
      actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
      inputArtifacts: [{ name: takes }],
      ...(gives && { outputArtifacts: [{ name: gives }] }),
      configuration: {
        ProjectName: project.name,
        ...(variables && {
          EnvironmentVariables: JSON.stringify(Object.entries(variables).map(([key, value]) => ({ name: key, value }))),
        }),
      },
      runOrder,
    };
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
