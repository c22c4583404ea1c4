import { RemovalPolicy } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';
import { allow } from '../../policies/allow';
import { type BuildSpec, Scripts } from './scripts';

export interface BuildMachine {
  readonly image: string;
  readonly arm: boolean;
  /** Images that are not CodeBuild's own are pulled with the project's role. */
  readonly ownImage: boolean;
}

/** Amazon Linux 2023 on Graviton, for scripts that only call AWS. */
const SMALL_MACHINE: BuildMachine = {
  image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0',
  arm: true,
  ownImage: true,
};

export interface ScriptProjectProps {
  readonly description: string;
  readonly scripts: Scripts;
  readonly buildSpec: BuildSpec;
  /** Source of the project: handed over by the pipeline, or none. */
  readonly source: 'pipeline' | 'none';
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMinutes: number;
  readonly logDays: number;
  readonly machine?: BuildMachine;
}

/** A CodeBuild project that runs one of the project's own scripts, with a role and a log of its own. */
export class ScriptProject extends Construct {
  readonly role: iam.Role;
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: ScriptProjectProps) {
    super(scope, id);
    const { scripts, variables, source, machine = SMALL_MACHINE } = props;
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com'),
      description: props.description,
    });
    const log = new logs.LogGroup(this, 'Log', { retention: props.logDays, removalPolicy: RemovalPolicy.DESTROY });
    log.grantWrite(this.role);
    const { asset } = scripts;
    allow(this.role, { actions: ['s3:GetObject'], resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)] });

    const project = new codebuild.CfnProject(this, 'Project', {
      description: props.description,
      serviceRole: this.role.roleArn,
      source: {
        type: source === 'pipeline' ? 'CODEPIPELINE' : 'NO_SOURCE',
        buildSpec: Scripts.buildSpec(props.buildSpec),
      },
      artifacts: { type: source === 'pipeline' ? 'CODEPIPELINE' : 'NO_ARTIFACTS' },
      environment: {
        type: machine.arm ? 'ARM_CONTAINER' : 'LINUX_CONTAINER',
        computeType: machine === SMALL_MACHINE ? 'BUILD_GENERAL1_SMALL' : 'BUILD_GENERAL1_MEDIUM',
        image: machine.image,
        imagePullCredentialsType: machine.ownImage ? 'CODEBUILD' : 'SERVICE_ROLE',
        environmentVariables: Object.entries({ TOOLS: asset.s3ObjectUrl, ...variables }).map(([name, value]) => ({
          name,
          value,
        })),
      },
      timeoutInMinutes: props.timeoutMinutes,
      logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName: log.logGroupName } },
    });
    project.node.addDependency(this.role);
    acknowledge(
      project,
      'AwsSolutions-CB4',
      'What it writes goes to a bucket that encrypts by itself; a key of our own would protect nothing more here.',
    );
    if (!machine.ownImage) {
      acknowledge(
        project,
        'AwsSolutions-CB5',
        'A release runs on the C library it was built against: the image is the operating system of the nodes, as published.',
      );
    }
    this.name = project.ref;
    this.arn = project.attrArn;
  }
}
