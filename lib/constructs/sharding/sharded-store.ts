import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';

/** Databases that hold rows spread by key, whatever the engine. Each publishes under `shards` how nodes reach it. */
export interface ShardedStore extends ec2.IConnectable {
  /** Gives a role what it takes to find the rows and to log in. Called by the side of the fleet. */
  letUse(role: iam.Role): void;
  /** ARNs of what AWS Backup has to keep. Aurora keeps backups of its own. */
  readonly backedUp: readonly string[];
}
