import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { NodePlan } from '../../architecture/architecture';
import type { DeliveryPlan } from '../../architecture/automation';
import { allow } from '../../policies/allow';
import { RELEASE_PREFIXES } from '../storage/release-prefixes';
import { letReadArtifact, letWriteArtifact } from './artifacts';
import { type BuildMachine, ScriptProject } from './script-project';
import type { Scripts } from './scripts';

/** Longest time to look at an archive and upload it, minutes. */
const PUBLISH_MINUTES = 15;

export interface ReleaseBuildProps {
  readonly environment: string;
  readonly plan: DeliveryPlan;
  readonly node: NodePlan;
  readonly bucket: s3.IBucket;
  readonly scripts: Scripts;
  readonly logDays: number;
}

/**
 * Tests and builds the release on the operating system and the CPU that it will run on, and publishes it.
 *
 * The source and its dependencies run with the rights of the build, so it has few: to read its own source and the
 * toolchain, and to write what it built. Whoever owns it owns the release that it makes, and no other: what was released,
 * the toolchain and the source that starts the pipeline are written by others, which run nothing of the source.
 */
export class ReleaseBuild extends Construct {
  /** Makes the toolchain from source; absent where the operating system has packages of it. */
  readonly toolchain?: ScriptProject;
  /** Runs what the source says. */
  readonly project: ScriptProject;
  /** Writes what is released. */
  readonly publication: ScriptProject;

  constructor(scope: Construct, id: string, props: ReleaseBuildProps) {
    super(scope, id);
    const { environment, plan, node, bucket, scripts, logDays } = props;
    const { releases, toolchains } = RELEASE_PREFIXES;
    const machine = machineFor(node);
    const common = { scripts, source: 'pipeline', logDays } as const;

    if (node.image === 'amazon-linux-2023') {
      this.toolchain = new ScriptProject(this, 'Toolchain', {
        ...common,
        description: 'Makes Erlang and Elixir for the builds of releases',
        buildSpec: 'toolchain.yml',
        variables: { TOOLCHAINS: bucket.bucketName },
        timeoutMinutes: plan.buildMinutes,
        machine,
      });
      letReadArtifact(this.toolchain.role, bucket, environment, 'Source');
      allow(this.toolchain.role, {
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [bucket.arnForObjects(`${toolchains}/*`)],
        wildcardsBecause: 'Each version of a toolchain has a name of its own, which the source decides.',
      });
    }

    this.project = new ScriptProject(this, 'Build', {
      ...common,
      description: 'Tests and builds the release',
      buildSpec: 'buildspec.yml',
      variables: {},
      timeoutMinutes: plan.buildMinutes,
      machine,
    });
    letReadArtifact(this.project.role, bucket, environment, 'Source');
    letWriteArtifact(this.project.role, bucket, environment, 'Built');
    if (this.toolchain) {
      allow(this.project.role, {
        actions: ['s3:GetObject'],
        resources: [bucket.arnForObjects(`${toolchains}/*`)],
        wildcardsBecause: 'Each version of a toolchain has a name of its own, which the source decides.',
      });
    }

    this.publication = new ScriptProject(this, 'Publish', {
      ...common,
      description: 'Publishes the release that was built',
      buildSpec: 'publish.yml',
      variables: { RELEASES: bucket.bucketName, MODE: plan.mode },
      timeoutMinutes: PUBLISH_MINUTES,
    });
    letReadArtifact(this.publication.role, bucket, environment, 'Built');
    letWriteArtifact(this.publication.role, bucket, environment, 'Bundle');
    allow(this.publication.role, {
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`${releases}/*`)],
      wildcardsBecause: 'Each build brings a release under a name of its own; the bucket takes none twice.',
    });
    for (const { role } of [this.project, this.publication, ...(this.toolchain ? [this.toolchain] : [])]) {
      allow(role, { actions: ['s3:GetBucketLocation'], resources: [bucket.bucketArn] });
    }
  }
}

/** The C library of the build decides where a release can run. */
function machineFor({ image, releaseArchitecture }: NodePlan): BuildMachine {
  const arm = releaseArchitecture === 'arm64';
  return image === 'debian-13'
    ? { image: 'public.ecr.aws/docker/library/debian:trixie', arm, ownImage: false }
    : {
        image: `aws/codebuild/${arm ? 'amazonlinux-aarch64-standard:3.0' : 'amazonlinux-x86_64-standard:5.0'}`,
        arm,
        ownImage: true,
      };
}
