import { isKnown } from './specification';
import type { TemplateResource } from './template';

/**
 * Types whose resources hold what nothing can bring back, with what that is. The service specification marks 29 types
 * and misses some of these, so the list is ours.
 */
const HOLDS: Readonly<Record<string, string>> = {
  'AWS::Backup::BackupVault': 'recovery points',
  'AWS::CloudFormation::Stack': 'whatever its own template holds',
  'AWS::Cassandra::Keyspace': 'rows',
  'AWS::Cassandra::Table': 'rows',
  'AWS::Cognito::UserPool': 'user accounts',
  'AWS::DSQL::Cluster': 'rows',
  'AWS::DocDB::DBCluster': 'documents',
  'AWS::DynamoDB::GlobalTable': 'items',
  'AWS::DynamoDB::Table': 'items',
  'AWS::EC2::Volume': 'the files of an instance',
  'AWS::ECR::Repository': 'container images',
  'AWS::EFS::FileSystem': 'files',
  'AWS::ElastiCache::CacheCluster': 'sessions and hot reads',
  'AWS::ElastiCache::ReplicationGroup': 'sessions and hot reads',
  'AWS::ElastiCache::ServerlessCache': 'sessions and hot reads',
  'AWS::FSx::FileSystem': 'files',
  'AWS::KMS::Key': 'the key without which what it encrypted is lost',
  'AWS::Kinesis::Stream': 'events that nobody has read yet',
  'AWS::MemoryDB::Cluster': 'items',
  'AWS::Neptune::DBCluster': 'a graph',
  'AWS::OpenSearchService::Domain': 'documents',
  'AWS::RDS::DBCluster': 'rows',
  'AWS::RDS::DBInstance': 'rows',
  'AWS::RDS::DBShardGroup': 'rows',
  'AWS::RDS::GlobalCluster': 'rows',
  'AWS::Redshift::Cluster': 'rows',
  'AWS::RedshiftServerless::Namespace': 'rows',
  'AWS::S3::Bucket': 'objects',
  'AWS::S3Tables::TableBucket': 'tables',
  'AWS::SQS::Queue': 'messages that nobody has handled yet',
  'AWS::SecretsManager::Secret': 'a secret that others hold too',
  'AWS::Timestream::Database': 'measurements',
};

/** Types that the service specification does not know and of which we know that they hold nothing. */
const KNOWN_EMPTY: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  // aws-cdk-lib: takes the rules out of a default security group.
  'Custom::VpcRestrictDefaultSG',
  // Our own gate: every climb updates it, and it keeps one identity (lambda/phase-gate).
  'Custom::PhaseGate',
  // Our own making of roles, which stay in their database (lambda/database-credentials).
  'Custom::DatabaseRoles',
  // Our own way of a table into the warehouse, which fills again from the table (lib/constructs/warehouse).
  'Custom::WarehouseFeed',
  // Our own limit to what the warehouse spends (lib/constructs/warehouse).
  'Custom::WarehouseUsageLimit',
]);

/** What a resource holds that would be lost with it, or undefined when it holds nothing. */
export function holds({ Type, Properties = {} }: TemplateResource): string | undefined {
  if (isReplica({ Type, Properties })) return undefined;
  // An instance of a cluster holds nothing: the cluster's storage does.
  if (Type === 'AWS::RDS::DBInstance' && Properties['DBClusterIdentifier'] !== undefined) return undefined;
  const listed = HOLDS[Type];
  if (listed !== undefined) return listed;
  if (isUnknown(Type)) return 'nobody knows what: the service specification does not know this type';
  // The specification also marks log groups (events with an expiry date are history, not state) and accounts of an
  // organisation (none of ours). An Elastic IP is an address: losing it moves users, not data.
  return undefined;
}

/** Whether nobody knows what a change of this type does. */
export function isUnknown(type: string): boolean {
  return !KNOWN_EMPTY.has(type) && !isKnown(type);
}

/** A copy that RDS makes and keeps from another instance: it can be made again at any time. */
export function isReplica({ Type, Properties = {} }: TemplateResource): boolean {
  return Type === 'AWS::RDS::DBInstance' && Properties['SourceDBInstanceIdentifier'] !== undefined;
}

/** Whether it stays in the account when it leaves its template. */
export function isKept({ DeletionPolicy }: TemplateResource): boolean {
  return DeletionPolicy === 'Retain' || DeletionPolicy === 'RetainExceptOnCreate';
}

/** The types on the list, for tests. */
export const STATEFUL_TYPES: readonly string[] = Object.keys(HOLDS);
