import type { NoSqlPlan } from '../../architecture/extreme';
import { type Resources, ZONES } from './resources';

/** Adds the stores of documents, wide columns and graphs, where they are switched on. */
export function addNoSql(resources: Resources, { documents, wideColumns, graph }: NoSqlPlan): void {
  if (documents !== undefined) {
    const { class: name, instances: times, backupDays } = documents;
    resources.add('DocDB::DBCluster', { BackupRetentionPeriod: backupDays });
    resources.add('DocDB::DBInstance', { DBInstanceClass: name }, { times });
    resources.add('SecretsManager::Secret');
  }
  if (wideColumns === true) {
    resources.add('Cassandra::Keyspace');
    // It is reached through an endpoint of its own.
    resources.add('EC2::VPCEndpoint', { VpcEndpointType: 'Interface', SubnetIds: Array.from({ length: ZONES }) });
  }
  if (graph !== undefined) {
    const { instances: times, minCapacity, maxCapacity, backupDays } = graph;
    const cluster = resources.add('Neptune::DBCluster', {
      BackupRetentionPeriod: backupDays,
      ServerlessScalingConfiguration: { MinCapacity: minCapacity, MaxCapacity: maxCapacity },
    });
    const member = { DBClusterIdentifier: cluster, DBInstanceClass: 'db.serverless' };
    resources.add('Neptune::DBInstance', member, { times });
  }
}
