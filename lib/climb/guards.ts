import type { TemplateResource } from '../facts/template';
import type { Finding } from './finding';
import { flagOf, numberOf } from './property-change';
import { holds } from './stateful';

/** Something that stands between data and its loss or exposure. */
interface Guard {
  readonly name: string;
  /** Left out, it holds for everything that holds data. */
  readonly types?: readonly string[];
  /** How strong it stands; 0 when it is not there. */
  readonly level: (resource: TemplateResource) => number;
  /** How it reads in a list, when it stands. */
  readonly says?: (resource: TemplateResource) => string;
  /** A guard that may go with a note: it is a matter of taste or of cost. */
  readonly soft?: true;
}

const POLICIES: Readonly<Record<string, number>> = { Retain: 2, RetainExceptOnCreate: 2, Snapshot: 1 };
const DATABASES = ['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster'];
const CACHES = ['AWS::ElastiCache::ReplicationGroup'];
const TABLES = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];
const BUCKETS = ['AWS::S3::Bucket'];

const property = (name: string) => (resource: TemplateResource) => resource.Properties?.[name];
const isOn = (name: string) => (resource: TemplateResource) => (flagOf(property(name)(resource)) ? 1 : 0);
const amount = (name: string, standard: number) => (resource: TemplateResource) =>
  numberOf(property(name)(resource)) ?? standard;

/** A value deep inside the properties, by the names on the way; a list is searched for the first that has it. */
function inside(resource: TemplateResource, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => {
    const candidates = (Array.isArray(value) ? value : [value]) as readonly (Record<string, unknown> | undefined)[];
    return candidates.find((candidate) => candidate?.[name] !== undefined)?.[name];
  }, resource.Properties);
}

const GUARDS: readonly Guard[] = [
  {
    name: 'what happens when it is removed',
    level: ({ DeletionPolicy }) => POLICIES[DeletionPolicy ?? ''] ?? 0,
    says: ({ DeletionPolicy }) => (DeletionPolicy === 'Snapshot' ? 'snapshot when removed' : 'kept when removed'),
  },
  {
    name: 'what happens when it is replaced',
    level: ({ UpdateReplacePolicy }) => POLICIES[UpdateReplacePolicy ?? ''] ?? 0,
  },
  {
    name: 'deletion protection',
    types: DATABASES,
    level: isOn('DeletionProtection'),
    says: () => 'deletion protection',
  },
  {
    name: 'deletion protection',
    types: TABLES,
    level: isOn('DeletionProtectionEnabled'),
    says: () => 'deletion protection',
  },
  {
    name: 'automated backups',
    types: DATABASES,
    level: amount('BackupRetentionPeriod', 1),
    says: (resource) => `backups of ${amount('BackupRetentionPeriod', 1)(resource)} days`,
  },
  {
    name: 'automated snapshots',
    types: CACHES,
    level: amount('SnapshotRetentionLimit', 0),
    says: (resource) => `snapshots of ${amount('SnapshotRetentionLimit', 0)(resource)} days`,
  },
  {
    name: 'point-in-time recovery',
    types: TABLES,
    level: (resource) =>
      flagOf(inside(resource, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled')) ||
      flagOf(inside(resource, 'Replicas', 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled'))
        ? 1
        : 0,
    says: () => 'point-in-time recovery',
  },
  {
    name: 'old versions of objects',
    types: BUCKETS,
    level: (resource) => (inside(resource, 'VersioningConfiguration', 'Status') === 'Enabled' ? 1 : 0),
    says: () => 'old versions kept',
  },
  { name: 'encryption at rest', types: DATABASES, level: isOn('StorageEncrypted'), says: () => 'encrypted' },
  { name: 'encryption at rest', types: CACHES, level: isOn('AtRestEncryptionEnabled'), says: () => 'encrypted' },
  { name: 'encryption at rest', types: ['AWS::EC2::Volume'], level: isOn('Encrypted'), says: () => 'encrypted' },
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
    name: 'TLS for every connection (rds.force_ssl)',
    types: ['AWS::RDS::DBParameterGroup'],
    level: (resource) => (['0', 'false'].includes(String(inside(resource, 'Parameters', 'rds.force_ssl'))) ? 0 : 1),
  },
  {
    name: 'privacy (PubliclyAccessible)',
    types: DATABASES,
    level: (resource) => 1 - isOn('PubliclyAccessible')(resource),
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
  { name: 'key rotation', types: ['AWS::KMS::Key'], level: isOn('EnableKeyRotation'), soft: true },
  {
    name: 'the firewall',
    types: ['AWS::CloudFront::Distribution'],
    level: (resource) => (inside(resource, 'DistributionConfig', 'WebACLId') === undefined ? 0 : 1),
  },
  {
    name: 'HTTPS for users',
    types: ['AWS::CloudFront::Distribution'],
    level: (resource) => (JSON.stringify(resource.Properties).includes('"ViewerProtocolPolicy":"allow-all"') ? 0 : 1),
  },
  {
    name: 'session tokens for instance metadata (IMDSv2)',
    types: ['AWS::EC2::LaunchTemplate'],
    level: (resource) =>
      inside(resource, 'LaunchTemplateData', 'MetadataOptions', 'HttpTokens') === 'required' ? 1 : 0,
  },
];

function guardsFor(resource: TemplateResource): readonly Guard[] {
  const data = holds(resource) !== undefined;
  return GUARDS.filter(({ types }) => (types === undefined ? data : types.includes(resource.Type)));
}

/** What guards the data of a resource, in words; empty when nothing does. */
export function guardsOf(resource: TemplateResource): string[] {
  return guardsFor(resource).flatMap(({ level, says }) => (says && level(resource) > 0 ? [says(resource)] : []));
}

/** Guards that a change takes away, or leaves weaker than they were. */
export function weakened(
  was: TemplateResource,
  is: TemplateResource,
): Pick<Finding, 'severity' | 'rule' | 'message' | 'remedy'>[] {
  return guardsFor(was).flatMap(({ name, level, soft }) => {
    const [before, after] = [level(was), level(is)];
    if (after >= before) return [];
    const gone = after === 0;
    return [
      {
        severity: gone && !soft ? 'refused' : 'note',
        rule: gone ? 'guard-dropped' : 'guard-weaker',
        message: gone ? `loses ${name}` : `${name}: weaker than before (${before} to ${after})`,
        ...(gone && !soft && { remedy: 'keep it; what is really meant to go is first copied elsewhere' }),
      },
    ];
  });
}
