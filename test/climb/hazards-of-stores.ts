import type { Hazard } from './hazard';
import type { Planted } from './planted';

const table = (both: Planted): void =>
  both.add('data', 'Table', {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      TableName: 'orders',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      Replicas: [{ Region: 'us-east-1', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
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
    rule: 'guard-dropped',
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
    rule: 'aws-refuses',
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
    rule: 'aws-refuses',
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
    plant: (after) => after.set('data', 'Table', { Replicas: [{ Region: 'us-east-1' }] }),
    rule: 'guard-dropped',
  },
  {
    name: 'table: from Table to GlobalTable',
    given: table,
    plant: (after) => {
      after.find('data', 'Table').Type = 'AWS::DynamoDB::Table';
    },
    rule: 'aws-refuses',
  },
  {
    name: 'queue: FIFO flipped',
    given: queue,
    plant: (after) => after.set('data', 'Queue', { FifoQueue: true }),
    rule: 'data-replaced',
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
    rule: 'aws-refuses',
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
    rule: 'aws-refuses',
  },
  {
    name: 'volume: encryption flipped',
    plant: (after) => after.set('data', 'BoxDataVolume', { Encrypted: false }),
    rule: 'aws-refuses',
  },
  { name: 'volume: shrunk', plant: (after) => after.set('data', 'BoxDataVolume', { Size: 50 }), rule: 'aws-refuses' },
  { name: 'volume: removed', plant: (after) => after.remove('data', 'BoxDataVolume'), rule: 'data-removed' },
  {
    name: 'volume: deletion policy dropped',
    plant: (after) => void delete after.find('data', 'BoxDataVolume').DeletionPolicy,
    rule: 'guard-dropped',
  },
];
