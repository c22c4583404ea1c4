import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { allow } from '../../policies/allow';
import { RELEASE_PREFIXES } from '../storage/release-prefixes';

/**
 * Names of the artifacts that actions of the pipeline hand over. CodePipeline cuts these names off at ten characters where it makes keys of
 * them, so none is longer.
 */
export type Artifact = 'Source' | 'Built' | 'Bundle';

const NAMES_BY_SERVICE = 'CodePipeline makes up the last part of the name of an artifact.';

/**
 * Name of the stack with the pipeline. CodePipeline keeps artifacts under the first 20 characters of the pipeline's name,
 * which CloudFormation begins with the stack's: https://repost.aws/questions/QUI91tw7A9SUOMohJurNqmgA (2026-11-29).
 *
 * @param environment at most eight letters long, such as `staging`, so that the whole of it is left.
 */
export const deliveryStackName = (environment: string): string => `${environment}-delivery`;

/** Keys of all artifacts of one name. */
function keysOf(environment: string, artifact: Artifact): string {
  return `${deliveryStackName(environment)}-*/${artifact}/*`;
}

export function letReadArtifact(role: iam.Role, bucket: s3.IBucket, environment: string, artifact: Artifact): void {
  allow(role, {
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: [bucket.arnForObjects(keysOf(environment, artifact))],
    wildcardsBecause: NAMES_BY_SERVICE,
  });
}

export function letWriteArtifact(role: iam.Role, bucket: s3.IBucket, environment: string, artifact: Artifact): void {
  allow(role, {
    actions: ['s3:PutObject'],
    resources: [bucket.arnForObjects(keysOf(environment, artifact))],
    wildcardsBecause: NAMES_BY_SERVICE,
  });
}

/** Lets somebody read the bundles of deployments: those of the pipeline, and those that people made. */
export function letReadBundles(role: iam.Role, bucket: s3.IBucket, environment: string): void {
  allow(role, {
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: [keysOf(environment, 'Bundle'), `${RELEASE_PREFIXES.bundles}/*`].map((keys) =>
      bucket.arnForObjects(keys),
    ),
    wildcardsBecause: NAMES_BY_SERVICE,
  });
}
