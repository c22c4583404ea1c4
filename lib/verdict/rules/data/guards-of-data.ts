import { counted } from '../../../template/counted';
import type { TemplateResource } from '../../../template/template';
import { amount, flagOf, inside, isOff, isOn, isTree, listInside, numberOf, property } from '../../../template/values';
import type { Guard } from './guard';

/** `RetainExceptOnCreate` keeps as `Retain` does; only what was never made whole goes with its failed stack. */
const DELETION: Readonly<Record<string, number>> = { Retain: 2, RetainExceptOnCreate: 2, Snapshot: 1 };
const REPLACEMENT: Readonly<Record<string, number>> = { Retain: 2, Snapshot: 1 };
const DATABASES = ['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster', 'AWS::DocDB::DBCluster', 'AWS::Neptune::DBCluster'];
const CACHES = ['AWS::ElastiCache::ReplicationGroup'];
/** A global table has its guards in its replicas, each of which stands for a table of its own: see `replicasOf`. */
const TABLES = ['AWS::DynamoDB::Table'];
const BUCKETS = ['AWS::S3::Bucket'];
const WAREHOUSES = ['AWS::Redshift::Cluster'];

/** Guards in the data store itself: deletion policies, protection, backups, encryption. */
export const GUARDS_OF_DATA: readonly Guard[] = [
  {
    name: 'what happens when it is removed',
    level: ({ DeletionPolicy }) => strengthIn(DELETION, DeletionPolicy),
    says: ({ DeletionPolicy }) => (DeletionPolicy === 'Snapshot' ? 'snapshot when removed' : 'kept when removed'),
  },
  {
    name: 'what happens when it is replaced',
    level: ({ UpdateReplacePolicy }) => strengthIn(REPLACEMENT, UpdateReplacePolicy),
  },
  {
    name: 'deletion protection',
    types: [...DATABASES, 'AWS::RDS::GlobalCluster'],
    level: isOn('DeletionProtection'),
    says: () => 'deletion protection',
  },
  {
    name: 'deletion protection',
    types: [...TABLES, 'AWS::DSQL::Cluster'],
    level: isOn('DeletionProtectionEnabled'),
    says: () => 'deletion protection',
  },
  {
    name: 'deletion protection',
    types: ['AWS::Cognito::UserPool'],
    level: (resource) => (property('DeletionProtection')(resource) === 'ACTIVE' ? 1 : 0),
    says: () => 'deletion protection',
  },
  {
    name: 'termination protection',
    types: ['AWS::EC2::Instance'],
    level: isOn('DisableApiTermination'),
    says: () => 'termination protection',
  },
  {
    name: 'disks that stay when it is terminated',
    types: ['AWS::EC2::Instance'],
    level: (resource) =>
      listInside(resource, 'BlockDeviceMappings').filter(
        ({ Ebs }) => isTree(Ebs) && String(Ebs['DeleteOnTermination']) === 'false',
      ).length,
    says: () => 'disks kept when it is terminated',
  },
  {
    name: 'automated backups',
    types: DATABASES,
    level: amount('BackupRetentionPeriod', 1),
    says: (resource) => `backups of ${daysIn('BackupRetentionPeriod', 1, resource)}`,
    copies: true,
  },
  {
    name: 'automated backups that stay when the database goes',
    types: DATABASES,
    // Left out, RDS deletes them too: nobody has to say so.
    level: (resource) => {
      const deleted = property('DeleteAutomatedBackups')(resource);
      return deleted === undefined ? 1 : flagOf(deleted) ? 0 : 2;
    },
  },
  {
    name: 'automated snapshots',
    types: CACHES,
    level: amount('SnapshotRetentionLimit', 0),
    says: (resource) => `snapshots of ${daysIn('SnapshotRetentionLimit', 0, resource)}`,
    copies: true,
  },
  {
    name: 'automated snapshots',
    types: WAREHOUSES,
    level: amount('AutomatedSnapshotRetentionPeriod', 1),
    says: (resource) => `snapshots of ${daysIn('AutomatedSnapshotRetentionPeriod', 1, resource)}`,
    copies: true,
  },
  {
    name: 'point-in-time recovery',
    types: TABLES,
    level: recoverableDays,
    says: (resource) => `point-in-time recovery of ${counted(recoverableDays(resource), 'day')}`,
    copies: true,
  },
  {
    name: 'its dead-letter queue, where messages stay that nobody can handle',
    types: ['AWS::SQS::Queue'],
    level: (resource) => (property('RedrivePolicy')(resource) === undefined ? 0 : 1),
    says: () => 'dead-letter queue',
  },
  {
    name: 'old versions of objects',
    types: BUCKETS,
    level: (resource) => (inside(resource, 'VersioningConfiguration', 'Status') === 'Enabled' ? 1 : 0),
    says: () => 'old versions kept',
  },
  {
    name: 'the lock on its objects',
    types: BUCKETS,
    level: (resource) => {
      const days = Number(inside(resource, 'ObjectLockConfiguration', 'Rule', 'DefaultRetention', 'Days') ?? 0);
      const years = Number(inside(resource, 'ObjectLockConfiguration', 'Rule', 'DefaultRetention', 'Years') ?? 0);
      return days + 365 * years;
    },
  },
  {
    name: 'automatic backups',
    types: ['AWS::EFS::FileSystem'],
    level: (resource) => (inside(resource, 'BackupPolicy', 'Status') === 'ENABLED' ? 1 : 0),
    says: () => 'daily backups',
  },
  {
    name: 'the lock on recovery points',
    types: ['AWS::Backup::BackupVault'],
    level: (resource) => {
      if (property('LockConfiguration')(resource) === undefined) return 0;
      return 1 + Number(inside(resource, 'LockConfiguration', 'MinRetentionDays') ?? 0);
    },
    says: () => 'locked',
  },
  {
    name: 'a lock on recovery points that nobody can lift',
    types: ['AWS::Backup::BackupVault'],
    level: (resource) => (inside(resource, 'LockConfiguration', 'ChangeableForDays') === undefined ? 0 : 1),
  },
  { name: 'encryption at rest', types: DATABASES, level: isOn('StorageEncrypted'), says: () => 'encrypted' },
  { name: 'encryption at rest', types: CACHES, level: isOn('AtRestEncryptionEnabled'), says: () => 'encrypted' },
  {
    name: 'encryption at rest',
    types: ['AWS::EC2::Volume', 'AWS::EFS::FileSystem', ...WAREHOUSES],
    level: isOn('Encrypted'),
    says: () => 'encrypted',
  },
  {
    name: 'encryption at rest',
    // S3 encrypts every object with its own key at least, whatever the template says.
    types: BUCKETS,
    level: (resource) => (JSON.stringify(inside(resource, 'BucketEncryption') ?? '').includes('aws:kms') ? 2 : 1),
    says: () => 'encrypted',
  },
  {
    name: 'encryption in transit',
    types: CACHES,
    level: (resource) =>
      isOn('TransitEncryptionEnabled')(resource) *
      (property('TransitEncryptionMode')(resource) === 'preferred' ? 1 : 2),
    says: () => 'TLS',
  },
  {
    name: 'privacy (PubliclyAccessible)',
    types: [...DATABASES, ...WAREHOUSES, 'AWS::RedshiftServerless::Workgroup'],
    level: isOff('PubliclyAccessible'),
    says: () => 'private',
  },
  {
    name: 'the public access block',
    types: BUCKETS,
    level: (resource) => {
      const block = (property('PublicAccessBlockConfiguration')(resource) ?? {}) as Record<string, unknown>;
      // All or nothing: each of the four leaves a way in when it is off.
      return Object.values(block).filter(flagOf).length === 4 ? 1 : 0;
    },
    says: () => 'private',
  },
  {
    name: 'its private access control list',
    types: BUCKETS,
    level: (resource) => (/^(Public|Authenticated)/.test(String(property('AccessControl')(resource))) ? 0 : 1),
  },
];

/** Strength of a policy; NaN when it is left to a function that only CloudFormation carries out. */
function strengthIn(strengths: Readonly<Record<string, number>>, policy: unknown): number {
  return isTree(policy) ? Number.NaN : (strengths[String(policy)] ?? 0);
}

function daysIn(name: string, standard: number, resource: TemplateResource): string {
  return counted(amount(name, standard)(resource), 'day');
}

/** Days back to which a table can be recovered; 35 when the template does not say, 0 when it is off. */
function recoverableDays(table: TemplateResource): number {
  const on = flagOf(inside(table, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled'));
  return on ? (numberOf(inside(table, 'PointInTimeRecoverySpecification', 'RecoveryPeriodInDays')) ?? 35) : 0;
}
