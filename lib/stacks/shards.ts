import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { ShardingPlan } from '../architecture/extreme';
import { ClustersStore } from '../constructs/sharding/clusters-store';
import { DsqlStore } from '../constructs/sharding/dsql-store';
import { LimitlessStore } from '../constructs/sharding/limitless-store';
import type { ShardedStore } from '../constructs/sharding/sharded-store';
import type { NetworkStack } from './network';

export interface ShardsStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly plan: ShardingPlan;
  readonly network: NetworkStack;
}

/**
 * Rows spread by key. An engine that is one database lives here whole; of Aurora clusters the shard map lives here, and
 * the clusters in stacks of their own (shard-clusters.ts), so that their number knows no template's limits.
 */
export class ShardsStack extends Stack {
  readonly store: ShardedStore;

  constructor(scope: Construct, id: string, { architecture, plan, network, ...props }: ShardsStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment } = architecture;
    const { vpc } = network;
    // Ids name the engine: another engine is another database, beside the old one, never a change of it.
    switch (plan.engine) {
      case 'clusters':
        this.store = new ClustersStore(this, 'Clusters', { environment, vpc });
        break;
      case 'limitless':
        this.store = new LimitlessStore(this, 'Limitless', { environment, plan, vpc });
        break;
      case 'dsql':
        this.store = new DsqlStore(this, 'Dsql', { environment, vpc });
        break;
    }
  }
}
