import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { ClustersPlan } from '../constructs/sharding/shard-cluster';
import { ShardClusters } from '../constructs/sharding/shard-clusters';
import type { NetworkStack } from './network';
import type { ShardsStack } from './shards';

/**
 * Clusters in one stack, for ever: cluster i lives in the stack with the number floor(i / 16). With fifteen readers a
 * cluster is 17 resources, so that a full stack has 275: 16 leave room below 80 % of CloudFormation's 500.
 */
const CLUSTERS_PER_STACK = 16;

export interface ShardClustersStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly plan: ClustersPlan;
  /** Number of this stack, from 0. */
  readonly part: number;
  readonly network: NetworkStack;
  readonly shards: ShardsStack;
}

/** Up to sixteen Aurora clusters of the sharded store. */
export class ShardClustersStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { architecture, plan, part, network, shards, ...props }: ShardClustersStackProps,
  ) {
    super(scope, id, { terminationProtection: true, ...props });
    const first = part * CLUSTERS_PER_STACK;
    const count = Math.min(CLUSTERS_PER_STACK, plan.clusters - first);
    const [securityGroup] = shards.store.connections.securityGroups;
    if (securityGroup === undefined) throw new Error('the sharded store has a security group');
    new ShardClusters(this, 'Shards', {
      plan,
      numbers: Array.from({ length: count }, (_, index) => first + index),
      vpc: network.vpc,
      securityGroup,
      environment: architecture.environment,
      logDays: architecture.logDays,
    });
  }
}

/** Numbers of the stacks that so many clusters fill. */
export function partsOf({ clusters }: ClustersPlan): number[] {
  return Array.from({ length: Math.ceil(clusters / CLUSTERS_PER_STACK) }, (_, part) => part);
}
