import { isReplica } from '../../template/stateful';
import { flagOf, numberOf } from '../../template/values';
import { isMajorUpgrade } from './engine-version';
import type { PropertyChange } from './property-change';
import { exchange } from './rolling-update';

/** A change in place that interrupts: something starts again, or nodes are exchanged one after the other. */
export interface Restart {
  /** One type, or several. */
  readonly type: string | readonly string[];
  readonly property: string | readonly string[];
  readonly when?: (change: PropertyChange) => boolean;
  readonly why: string;
  /** Interruption that users notice, with its duration as far as AWS documents one. */
  readonly interruption: string | ((change: PropertyChange) => string);
  readonly source: string;
}

const RDS_IMPACT = 'https://repost.aws/knowledge-center/rds-performance-impact';
const UPDATE_POLICY =
  'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html';
const CACHE_SCALING = 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.html';

/** An instance of a cluster, writer or reader: the cluster decides which, and a template does not say. */
const INSTANCE_OF_CLUSTER =
  'its connections are cut; when it is the one that writes, another takes over, typically within 60 s, or minutes pass without';

/** Users go on with the writer, or with the replicas that are left. */
const OF_A_REPLICA = 'minutes without this replica: reads from it are cut';

/** With a standby RDS changes that first and fails over; without one it stops the only instance. */
const databaseRestart = ({ was, is }: PropertyChange): string => {
  if (is.Properties?.['DBClusterIdentifier'] !== undefined) return INSTANCE_OF_CLUSTER;
  if (isReplica(is)) return OF_A_REPLICA;
  return flagOf(was.Properties?.['MultiAZ']) && flagOf(is.Properties?.['MultiAZ'])
    ? 'one failover, typically 60 to 120 s'
    : 'minutes without the database (no standby)';
};

function domainUpgrade(type: string, property: string): Restart {
  return {
    type,
    property,
    why: 'another engine version',
    interruption: 'hours of a blue/green upgrade; searches go on, slower, and dashboards may be away',
    source:
      'https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-configuration-changes.html',
  };
}

export const RESTARTS: readonly Restart[] = [
  {
    type: 'AWS::RDS::DBInstance',
    property: 'DBInstanceClass',
    why: 'another instance class',
    interruption: databaseRestart,
    source: RDS_IMPACT,
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: 'EngineVersion',
    why: 'another engine version: the standby does not help, both are upgraded at once',
    interruption: (change) => {
      if (isReplica(change.is)) return OF_A_REPLICA;
      return isMajorUpgrade(change)
        ? 'minutes without the database, and up to hours when it is large: its catalogue is carried over meanwhile'
        : 'minutes without the database';
    },
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html',
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: 'DBParameterGroupName',
    why: 'another parameter group takes effect when the instance starts again',
    interruption: databaseRestart,
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html',
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: 'StorageType',
    why: 'another storage type',
    interruption: 'brief, and slower until the storage has moved',
    source: RDS_IMPACT,
  },
  {
    type: 'AWS::RDS::DBInstance',
    property: 'BackupRetentionPeriod',
    when: ({ before, after }) => (numberOf(before) === 0) !== (numberOf(after) === 0),
    why: 'backups turned on or off',
    interruption: 'a brief stop of writes and reads',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html',
  },
  {
    type: 'AWS::RDS::DBCluster',
    property: 'EngineVersion',
    why: 'another engine version: all instances are upgraded at once',
    interruption: (change) =>
      isMajorUpgrade(change)
        ? 'minutes without the cluster'
        : 'a short time without the cluster: every instance starts again',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.PostgreSQL.html',
  },
  {
    type: ['AWS::RDS::GlobalCluster', 'AWS::Neptune::DBCluster'],
    property: 'EngineVersion',
    why: 'another engine version: all instances are upgraded at once, and start again',
    interruption: 'minutes without the cluster',
    source: 'https://docs.aws.amazon.com/neptune/latest/userguide/cfn-engine-update.html',
  },
  domainUpgrade('AWS::OpenSearchService::Domain', 'EngineVersion'),
  domainUpgrade('AWS::Elasticsearch::Domain', 'ElasticsearchVersion'),
  {
    type: 'AWS::RDS::DBCluster',
    property: 'DBClusterParameterGroupName',
    why: 'another cluster parameter group takes effect when the instances start again',
    interruption: 'a short time without the cluster, when its instances start again',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_WorkingWithDBClusterParamGroups.html',
  },
  {
    type: 'AWS::RDS::DBCluster',
    property: 'DBClusterInstanceClass',
    why: 'another instance class',
    interruption: 'one failover, typically under 35 s',
    source: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html',
  },
  {
    type: 'AWS::DocDB::DBInstance',
    property: 'DBInstanceClass',
    why: 'another instance class',
    interruption: INSTANCE_OF_CLUSTER,
    source: 'https://docs.aws.amazon.com/documentdb/latest/developerguide/db-instance-modify.html',
  },
  {
    type: 'AWS::Neptune::DBInstance',
    property: 'DBInstanceClass',
    why: 'another instance class',
    interruption: INSTANCE_OF_CLUSTER,
    source: 'https://docs.aws.amazon.com/neptune/latest/userguide/manage-console-instances-modify.html',
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    property: 'CacheNodeType',
    why: 'another node type',
    interruption: 'a failover: writes stop for seconds, connections are cut',
    source: CACHE_SCALING,
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    property: ['Engine', 'EngineVersion'],
    why: 'another engine version',
    interruption: 'a failover: writes stop for seconds, connections are cut',
    source: 'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.html',
  },
  {
    type: 'AWS::AutoScaling::AutoScalingGroup',
    property: ['LaunchTemplate', 'VPCZoneIdentifier', 'MixedInstancesPolicy', 'PlacementGroup'],
    why: 'nodes are exchanged',
    interruption: ({ is }) => exchange(is),
    source: UPDATE_POLICY,
  },
  {
    type: 'AWS::EC2::Instance',
    property: ['InstanceType', 'UserData', 'EbsOptimized'],
    why: 'the instance stops and starts',
    interruption: 'minutes without the instance',
    source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html',
  },
  {
    type: 'AWS::Redshift::Cluster',
    property: ['NodeType', 'NumberOfNodes', 'ClusterType'],
    why: 'the cluster is resized',
    interruption: 'minutes, read-only or without the warehouse',
    source: 'https://docs.aws.amazon.com/redshift/latest/mgmt/resizing-cluster.html',
  },
];

/** The restart that a change in place brings with it, if any. */
export function restartOf(change: PropertyChange): (Restart & { readonly says: string }) | undefined {
  const restart = RESTARTS.find(
    ({ type, property, when }) =>
      [type].flat().includes(change.type) &&
      [property].flat().includes(change.property) &&
      (when === undefined || when(change)),
  );
  if (restart === undefined) return undefined;
  const { interruption } = restart;
  return { ...restart, says: typeof interruption === 'string' ? interruption : interruption(change) };
}

/**
 * PostgreSQL parameters that only count from the next start on: those that its documentation marks "can only be set at
 * server start", and those of RDS that set one of them.
 *
 * Source: https://www.postgresql.org/docs/17/runtime-config.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.pglogical.basic-setup.html
 */
const STATIC_PARAMETERS: ReadonlySet<string> = new Set([
  'autovacuum_freeze_max_age',
  'autovacuum_max_workers',
  'huge_pages',
  'max_connections',
  'max_locks_per_transaction',
  'max_logical_replication_workers',
  'max_prepared_transactions',
  'max_replication_slots',
  'max_wal_senders',
  'max_worker_processes',
  'rds.logical_replication',
  'shared_buffers',
  'shared_preload_libraries',
  'superuser_reserved_connections',
  'track_activity_query_size',
  'track_commit_timestamp',
  'wal_buffers',
  'wal_level',
]);

/** The changed parameters of a database's parameter group that wait for a restart. */
export function staticParametersIn(before: unknown, after: unknown): string[] {
  const [was, is] = [before, after].map((value) => (value ?? {}) as Record<string, unknown>) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((name) => STATIC_PARAMETERS.has(name) && String(was[name]) !== String(is[name]))
    .sort();
}
