import type { Architecture } from '../../architecture/architecture';
import type { ShardingPlan, WarehousePlan } from '../../architecture/extreme';
import { addFunction } from './functions';
import { addNoSql } from './no-sql';
import { type Resources, ZONES } from './resources';
import { addTable } from './tables';

/** Adds what phase 6 brings beside the databases of functions. */
export function addExtremeData(
  resources: Resources,
  { sharding, tables = [], readModels = [], warehouse, noSql = {} }: Architecture,
): void {
  if (sharding !== undefined) addShards(resources, sharding);
  const sources = new Map(tables.map(({ name }) => [name, addTable(resources)] as const));
  for (const _ of readModels) addTable(resources);
  // One function for each table that models are fed from; what it cannot write waits in a queue that nobody polls.
  for (const from of new Set(readModels.map((model) => model.from))) {
    const source = { EventSourceArn: { 'Fn::GetAtt': [sources.get(from)?.Ref ?? '', 'StreamArn'] } };
    addFunction(resources, { mib: 512, reads: source });
  }
  if (warehouse !== undefined) addWarehouse(resources, warehouse);
  addNoSql(resources, noSql);
}

/** As in lib/stacks/shard-clusters.ts. */
const CLUSTERS_PER_STACK = 16;

function addShards(resources: Resources, plan: ShardingPlan): void {
  if (plan.engine === 'dsql') {
    resources.add('DSQL::Cluster');
    // It is reached through an endpoint of its own.
    resources.add('EC2::VPCEndpoint', { VpcEndpointType: 'Interface', SubnetIds: Array.from({ length: ZONES }) });
    return;
  }
  if (plan.engine === 'limitless') {
    const cluster = {
      Engine: 'aurora-postgresql',
      StorageType: 'aurora-iopt1',
      BackupRetentionPeriod: plan.backupDays,
    };
    resources.add('RDS::DBCluster', cluster);
    // Of its master, and of the user that the application is.
    resources.add('SecretsManager::Secret', {}, { times: 2 });
    resources.add('RDS::DBShardGroup');
    return;
  }
  const { clusters, readers, minCapacity, maxCapacity, backupDays } = plan;
  for (let cluster = 0; cluster < clusters; cluster++) {
    const scaling = { MinCapacity: minCapacity, MaxCapacity: maxCapacity };
    const one = resources.add('RDS::DBCluster', {
      Engine: 'aurora-postgresql',
      BackupRetentionPeriod: backupDays,
      ServerlessV2ScalingConfiguration: scaling,
    });
    const member = { DBClusterIdentifier: one, DBInstanceClass: 'db.serverless' };
    resources.add('RDS::DBInstance', member, { times: 1 + readers });
  }
  // The shard map, and who makes the roles of each stack of clusters.
  addTable(resources, 'shards');
  for (let part = 0; part < Math.ceil(clusters / CLUSTERS_PER_STACK); part++) addFunction(resources, { mib: 256 });
}

function addWarehouse(resources: Resources, { baseRpu, maxRpuHoursPerDay }: WarehousePlan): void {
  resources.add('RedshiftServerless::Namespace');
  resources.add('RedshiftServerless::Workgroup', { BaseCapacity: baseRpu });
  resources.addCustom('WarehouseUsageLimit', { Create: JSON.stringify({ amount: maxRpuHoursPerDay }) });
  addFunction(resources, { mib: 256 });
  addFunction(resources, { mib: 128, isArm: false });
}
