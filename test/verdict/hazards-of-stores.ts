import type { Hazard } from './hazard';
import type { Planted } from './planted';

const RECOVERY = { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 };

/** A copy of a table with all its guards. */
export const replica = (Region: string, properties: object = {}) => ({
  Region,
  DeletionProtectionEnabled: true,
  PointInTimeRecoverySpecification: RECOVERY,
  ...properties,
});
const replicas =
  (...Replicas: readonly object[]) =>
  (both: Planted): void =>
    both.set('data', 'Table', { Replicas });
const twoReplicas = (both: Planted): void => {
  table(both);
  replicas(replica('us-east-1'), replica('eu-west-1'))(both);
};

/** A global table with one copy. */
export const table = (both: Planted): void =>
  both.add('data', 'Table', {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      TableName: 'orders',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      Replicas: [replica('us-east-1')],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
const queue = (both: Planted): void => both.add('data', 'Queue', { Type: 'AWS::SQS::Queue', Properties: {} });
const key = (both: Planted): void =>
  both.add('data', 'Key', { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'SYMMETRIC_DEFAULT' } });
const unknown = (both: Planted): void =>
  both.add('data', 'Vault', { Type: 'AWS::Tomorrow::Vault', Properties: { Size: 1 } });

/** Buckets, secrets, keys, and what later phases bring. */
export const STORES: readonly Hazard[] = [
  // Buckets, secrets, keys, volumes
  {
    name: 'bucket: public access block dropped',
    plant: (after) => after.unset('data', 'BucketsUploadsBucket5', 'PublicAccessBlockConfiguration'),
    rule: 'guard-dropped',
  },
  {
    name: 'bucket: one way in left open',
    plant: (after) => {
      after.find('data', 'BucketsUploadsBucket5').Properties['PublicAccessBlockConfiguration'].RestrictPublicBuckets =
        false;
    },
    rule: 'guard-dropped',
  },
  {
    name: 'bucket: public by access control list',
    plant: (after) => after.set('data', 'BucketsAssetsBucketBD', { AccessControl: 'PublicRead' }),
    rule: 'guard-dropped',
  },
  {
    name: 'bucket: policy open to everybody',
    plant: (after) =>
      void after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: '*',
      }),
    rule: 'open-to-world',
  },
  {
    name: 'bucket: plain HTTP no longer forbidden',
    plant: (after) =>
      void after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.splice(0, 2),
    rule: 'deny-removed',
  },
  {
    name: 'bucket: old versions no longer kept',
    plant: (after) => after.set('data', 'BucketsUploadsBucket5', { VersioningConfiguration: { Status: 'Suspended' } }),
    rule: 'guard-dropped',
  },
  {
    name: 'bucket: named',
    plant: (after) => after.set('data', 'BucketsUploadsBucket5', { BucketName: 'uploads' }),
    rule: 'data-replaced',
  },
  { name: 'bucket: removed', plant: (after) => after.remove('data', 'BucketsUploadsBucket5'), rule: 'data-removed' },
  {
    name: 'secret: generated anew',
    plant: (after) => {
      after.find('data', 'CachePassword').Properties['GenerateSecretString'].PasswordLength = 32;
    },
    rule: 'rejected-by-aws',
  },
  {
    name: 'secret: named',
    plant: (after) => after.set('data', 'CachePassword', { Name: 'cache' }),
    rule: 'data-replaced',
  },
  {
    name: 'key: other specification',
    given: key,
    plant: (after) => after.set('data', 'Key', { KeySpec: 'RSA_2048' }),
    rule: 'rejected-by-aws',
  },
  { name: 'key: removed', given: key, plant: (after) => after.remove('data', 'Key'), rule: 'data-removed' },

  // Tables and queues, which later phases bring
  {
    name: 'table: key changed',
    given: table,
    plant: (after) => after.set('data', 'Table', { KeySchema: [{ AttributeName: 'shop', KeyType: 'HASH' }] }),
    rule: 'data-replaced',
  },
  {
    name: 'table: renamed',
    given: table,
    plant: (after) => after.set('data', 'Table', { TableName: 'other' }),
    rule: 'data-replaced',
  },
  {
    name: 'table: no point-in-time recovery',
    given: table,
    plant: replicas(replica('us-east-1', { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } })),
    rule: 'guard-dropped',
  },
  {
    name: 'table: recoverable to yesterday alone',
    given: table,
    plant: replicas(
      replica('us-east-1', { PointInTimeRecoverySpecification: { ...RECOVERY, RecoveryPeriodInDays: 1 } }),
    ),
    rule: 'guard-weaker',
    verdict: 'needs-migration',
  },
  {
    name: 'table: deletion protection off',
    given: table,
    plant: replicas(replica('us-east-1', { DeletionProtectionEnabled: false })),
    rule: 'guard-dropped',
  },
  {
    name: 'table: deletion protection off in one of its regions',
    given: twoReplicas,
    plant: replicas(replica('us-east-1'), replica('eu-west-1', { DeletionProtectionEnabled: false })),
    rule: 'guard-dropped',
  },
  {
    name: 'table: its only copy in another region',
    given: table,
    plant: replicas(replica('eu-west-1')),
    rule: 'guard-dropped',
  },
  {
    name: 'table: one copy less',
    given: twoReplicas,
    plant: replicas(replica('us-east-1')),
    rule: 'guard-dropped',
  },
  {
    name: 'table: no stream of changes',
    given: table,
    plant: (after) => after.unset('data', 'Table', 'StreamSpecification'),
    rule: 'guard-dropped',
  },
  {
    name: 'table: another stream of changes',
    given: table,
    plant: (after) => after.set('data', 'Table', { StreamSpecification: { StreamViewType: 'KEYS_ONLY' } }),
    rule: 'guard-dropped',
  },
  {
    name: 'table: deletion policy from RetainExceptOnCreate to Delete',
    given: (both) => {
      table(both);
      both.find('data', 'Table').DeletionPolicy = 'RetainExceptOnCreate';
    },
    plant: (after) => {
      after.find('data', 'Table').DeletionPolicy = 'Delete';
    },
    rule: 'guard-dropped',
  },
  {
    name: 'table: a replace policy that there is not',
    given: table,
    plant: (after) => {
      after.find('data', 'Table').UpdateReplacePolicy = 'RetainExceptOnCreate';
    },
    rule: 'guard-dropped',
  },
  {
    name: 'distributed SQL: deletion protection off',
    given: (both) =>
      both.add('data', 'Sql', { Type: 'AWS::DSQL::Cluster', Properties: { DeletionProtectionEnabled: true } }),
    plant: (after) => after.unset('data', 'Sql', 'DeletionProtectionEnabled'),
    rule: 'guard-dropped',
  },
  {
    name: 'table: from Table to GlobalTable',
    given: table,
    plant: (after) => {
      after.find('data', 'Table').Type = 'AWS::DynamoDB::Table';
    },
    rule: 'rejected-by-aws',
  },
  {
    name: 'queue: FIFO flipped',
    given: queue,
    plant: (after) => after.set('data', 'Queue', { FifoQueue: true }),
    rule: 'data-replaced',
  },
  {
    name: 'queue: no dead-letter queue',
    given: (both) => {
      queue(both);
      both.set('data', 'Queue', { RedrivePolicy: { deadLetterTargetArn: 'arn', maxReceiveCount: 3 } });
    },
    plant: (after) => after.unset('data', 'Queue', 'RedrivePolicy'),
    rule: 'guard-dropped',
  },
  {
    name: 'queue: renamed',
    given: queue,
    plant: (after) => after.set('data', 'Queue', { QueueName: 'jobs' }),
    rule: 'data-replaced',
  },
  {
    name: 'unknown type: changed',
    given: unknown,
    plant: (after) => after.set('data', 'Vault', { Size: 2 }),
    rule: 'not-understood',
  },
  {
    name: 'unknown type: removed',
    given: unknown,
    plant: (after) => after.remove('data', 'Vault'),
    rule: 'data-removed',
  },
];

/** Phase 0 has what no later phase has: the data volume of the single server. */
export const HAZARDS_OF_THE_BOX: readonly Hazard[] = [
  {
    name: 'volume: another zone',
    plant: (after) => after.set('data', 'BoxDataVolume', { AvailabilityZone: 'us-east-1b' }),
    rule: 'rejected-by-aws',
  },
  {
    name: 'volume: encryption flipped',
    plant: (after) => after.set('data', 'BoxDataVolume', { Encrypted: false }),
    rule: 'rejected-by-aws',
  },
  {
    name: 'volume: shrunk',
    plant: (after) => after.set('data', 'BoxDataVolume', { Size: 50 }),
    rule: 'rejected-by-aws',
  },
  { name: 'volume: removed', plant: (after) => after.remove('data', 'BoxDataVolume'), rule: 'data-removed' },
  {
    name: 'volume: deletion policy dropped',
    plant: (after) => void delete after.find('data', 'BoxDataVolume').DeletionPolicy,
    rule: 'guard-dropped',
  },
];
