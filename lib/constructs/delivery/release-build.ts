import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { NodePlan } from '../../architecture/architecture';
import type { DeliveryPlan } from '../../architecture/automation';
import { allow } from '../../policies/allow';
import { type BuildMachine, ScriptProject } from './script-project';
import type { Scripts } from './scripts';

/** Where in the bucket releases lie; nodes may read these and nothing else in it. */
export const RELEASES = 'releases';

const CACHE = 'cache';

export interface ReleaseBuildProps {
  readonly plan: DeliveryPlan;
  readonly node: NodePlan;
  readonly bucket: s3.IBucket;
  readonly scripts: Scripts;
  readonly logDays: number;
}

/** Tests and builds the release on the operating system and the CPU that it will run on. */
export class ReleaseBuild extends Construct {
  readonly project: ScriptProject;

  constructor(scope: Construct, id: string, { plan, node, bucket, scripts, logDays }: ReleaseBuildProps) {
    super(scope, id);
    this.project = new ScriptProject(this, 'Build', {
      description: 'Tests and builds the release',
      scripts,
      buildSpec: 'buildspec.yml',
      source: 'pipeline',
      variables: { RELEASES: bucket.bucketName, MODE: plan.mode },
      timeoutMinutes: plan.buildMinutes,
      logDays,
      machine: machineFor(node),
      cache: `${bucket.bucketName}/${CACHE}`,
    });
    allow(this.project.role, {
      actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
      resources: [bucket.arnForObjects('*')],
      wildcardsBecause: 'Source, release, cache and artifacts are under names that the build and the pipeline make up.',
    });
    allow(this.project.role, { actions: ['s3:GetBucketLocation', 's3:ListBucket'], resources: [bucket.bucketArn] });
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
