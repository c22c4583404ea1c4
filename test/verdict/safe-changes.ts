import { NEIGHBOURS_OF_ACCOUNTS } from './neighbours-of-accounts';
import { NEIGHBOURS_OF_NAMES } from './neighbours-of-names';
import { NEIGHBOURS_OF_OTHERS } from './neighbours-of-others';
import type { Planted } from './planted';
import type { SafeChange } from './safe-change';
import { NEIGHBOURS } from './safe-neighbours';

const database = (properties: Readonly<Record<string, unknown>>) => (after: Planted) =>
  after.set('data', 'DatabaseInstanceAA', properties);
const replicas = (properties: Readonly<Record<string, unknown>>) => (after: Planted) => {
  for (const number of [1, 2]) after.set('data', `ReadersReplica${number}`, properties);
};
const cache = (properties: Readonly<Record<string, unknown>>) => (after: Planted) =>
  after.set('data', 'CacheGroup', properties);
const DATABASE = 'DatabaseInstanceAA';
const NODES = 'TiersAppGroupASG';

export const SAFE_CHANGES: readonly SafeChange[] = [
  { name: 'a larger database', plant: database({ DBInstanceClass: 'db.r7g.xlarge' }), change: [DATABASE, 'restarts'] },
  { name: 'a smaller database', plant: database({ DBInstanceClass: 'db.r7g.medium' }), change: [DATABASE, 'restarts'] },
  {
    name: 'a standby',
    phase: 1,
    given: { 'database.multiAz': 'false' },
    set: { 'database.multiAz': 'true' },
    change: [DATABASE, 'updates'],
  },
  { name: 'no standby', phase: 1, set: { 'database.multiAz': 'false' }, change: [DATABASE, 'updates'] },
  { name: 'more storage', plant: database({ AllocatedStorage: '200' }), change: [DATABASE, 'updates'] },
  {
    name: 'a higher ceiling for storage',
    plant: database({ MaxAllocatedStorage: 2000 }),
    change: [DATABASE, 'updates'],
  },
  { name: 'backups for fewer days', plant: database({ BackupRetentionPeriod: 14 }), change: [DATABASE, 'updates'] },
  {
    name: 'backups for more days',
    base: database({ BackupRetentionPeriod: 14 }),
    plant: database({ BackupRetentionPeriod: 35 }),
  },
  {
    name: 'a minor version from 9 to 10, after the replicas',
    base: replicas({ EngineVersion: '17.10' }),
    plant: database({ EngineVersion: '17.10' }),
    change: [DATABASE, 'restarts'],
  },
  {
    name: 'a minor version from 1 to 10',
    base: (both) => {
      database({ EngineVersion: '17.1' })(both);
      replicas({ EngineVersion: '17.10' })(both);
    },
    plant: database({ EngineVersion: '17.10' }),
    change: [DATABASE, 'restarts'],
  },
  { name: 'standard insights', set: { 'database.insights': 'standard' }, change: [DATABASE, 'updates'] },
  { name: 'a dynamic parameter', set: { 'database.slowQueryMs': '100' }, change: ['DatabaseParameters', 'updates'] },
  {
    name: 'a static parameter',
    plant: (after) =>
      Object.assign(after.find('data', 'DatabaseParameters').Properties['Parameters'], { max_connections: '500' }),
    change: [DATABASE, 'restarts'],
  },
  { name: 'another maintenance window', plant: database({ PreferredMaintenanceWindow: 'mon:04:30-mon:05:30' }) },
  { name: 'another backup window', plant: database({ PreferredBackupWindow: '01:00-02:00' }) },
  { name: 'minor versions by themselves', plant: database({ AutoMinorVersionUpgrade: true }) },
  { name: 'faster storage', plant: database({ StorageType: 'io2', Iops: 3000 }), change: [DATABASE, 'restarts'] },
  {
    name: 'the database without its log of upgrades',
    plant: database({ EnableCloudwatchLogsExports: ['postgresql'] }),
  },

  { name: 'one replica fewer', set: { 'database.replicas': '1' }, change: ['ReadersReplica2', 'removes'] },
  {
    name: 'larger replicas',
    set: { 'database.replicaClass': 'db.r7g.2xlarge' },
    change: ['ReadersReplica16', 'restarts'],
  },
  {
    name: 'a replica that becomes a database',
    plant: (after) => after.unset('data', 'ReadersReplica16', 'SourceDBInstanceIdentifier'),
    change: ['ReadersReplica16', 'updates'],
  },
  {
    name: 'larger cache nodes',
    plant: cache({ CacheNodeType: 'cache.r7g.xlarge' }),
    change: ['CacheGroup', 'restarts'],
  },
  { name: 'one more cache replica', plant: cache({ NumCacheClusters: 4 }), change: ['CacheGroup', 'updates'] },
  {
    name: 'a newer cache engine',
    base: cache({ EngineVersion: '8.1' }),
    plant: cache({ EngineVersion: '8.2' }),
    change: ['CacheGroup', 'restarts'],
  },
  {
    name: 'from Redis to Valkey',
    base: (both) => {
      cache({ Engine: 'redis', EngineVersion: '7.1' })(both);
      both.set('data', 'CacheParameters', { CacheParameterGroupFamily: 'redis7' });
    },
    plant: (after) => {
      cache({ Engine: 'valkey', EngineVersion: '8.2' })(after);
      after.set('data', 'CacheParameters', { CacheParameterGroupFamily: 'valkey8' });
    },
    change: ['CacheGroup', 'restarts'],
  },
  { name: 'snapshots of the cache for longer', plant: cache({ SnapshotRetentionLimit: 30 }) },
  {
    name: 'another password of the cache',
    plant: cache({ AuthToken: '{{resolve:secretsmanager:other}}' }),
    change: ['CacheGroup', 'updates'],
  },
  {
    name: 'old versions of objects for longer',
    set: { 'storage.noncurrentDays': '365' },
    change: ['BucketsUploadsBucket5', 'updates'],
  },
  {
    name: 'a bucket under a key of its own',
    plant: (after) =>
      after.set('data', 'BucketsUploadsBucket5', {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
        },
      }),
  },

  { name: 'larger proxies', set: { 'web.instanceType': 'c7i.xlarge' }, change: ['TiersWebGroupASG', 'restarts'] },
  {
    name: 'more nodes',
    plant: (after) => after.set('app', NODES, { MinSize: '5', MaxSize: '12' }),
    change: [NODES, 'updates'],
  },
  {
    name: 'fewer nodes',
    plant: (after) => after.set('app', NODES, { MinSize: '2', MaxSize: '4' }),
    change: [NODES, 'updates'],
  },
  { name: 'larger root volumes', set: { 'node.rootVolumeGiB': '32' }, change: [NODES, 'restarts'] },

  { name: 'slower draining', set: { 'app.evictPerSecond': '100' } },
  { name: 'another health check', set: { 'app.healthPath': '/health' } },
  {
    name: 'another release',
    set: { 'release.uri': 's3://releases.example/app-2.0.0.tar.gz' },
    change: ['releaseuri', 'updates'],
  },

  { name: 'one more private way to AWS', set: { 'network.interfaceEndpoints': 'ssm,secretsmanager,logs' } },
  {
    name: 'flow logs for longer',
    plant: (after) => after.set('network', 'NetworkRejectedConnections', { RetentionInDays: 365 }),
  },
  { name: 'a stricter firewall', set: { 'edge.requestsPer5Minutes': '500' } },
  { name: 'fewer edge locations', set: { 'edge.priceClass': 'PriceClass_100' } },
  { name: 'logs for longer', set: { logDays: '365' } },
  { name: 'SSH from a listed address', phase: 0, set: { 'box.sshFrom': '203.0.113.0/24' } },
  {
    name: 'a larger single server',
    phase: 0,
    set: { 'box.instanceType': 'c7i.4xlarge' },
    change: ['BoxFleetGroupASG', 'restarts'],
  },
  { name: 'a larger data volume', phase: 0, set: { 'box.dataVolumeGiB': '300' }, change: ['BoxDataVolume', 'updates'] },
  {
    name: 'one more permission',
    plant: (after) =>
      void after.find('app', 'TiersAppRoleDefaultPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Resource: 'arn:aws:sqs:us-east-1:111122223333:jobs',
      }),
  },
  {
    name: 'a stricter prohibition',
    plant: (after) => {
      after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement[1].Condition = {
        NumericLessThan: { 's3:TlsVersion': 1.3 },
      };
    },
  },
  {
    name: 'a queue',
    plant: (after) => after.add('data', 'Jobs', { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain' }),
    change: ['Jobs', 'adds'],
  },
  {
    name: 'a table',
    plant: (after) =>
      after.add('data', 'Orders', {
        Type: 'AWS::DynamoDB::GlobalTable',
        DeletionPolicy: 'Retain',
        Properties: { KeySchema: [] },
      }),
    change: ['Orders', 'adds'],
  },
  {
    name: 'a type that nobody knows yet',
    plant: (after) => after.add('data', 'New', { Type: 'AWS::Tomorrow::Vault' }),
    change: ['New', 'adds'],
  },
  {
    name: 'a policy from Snapshot to Retain',
    plant: (after) => {
      after.find('data', 'CacheGroup').DeletionPolicy = 'Retain';
    },
  },
  { name: 'a tag on the database', plant: database({ Tags: [{ Key: 'team', Value: 'data' }] }) },
  {
    name: 'the load balancer of the app fleet under another kind, unprotected',
    given: { protection: 'data' },
    plant: (after) => after.set('app', 'TiersAppHttpAlb4', { Scheme: 'internet-facing' }),
    change: ['TiersAppHttpAlb4', 'replaces'],
  },
  {
    name: 'another name for a named security group',
    base: (both) => both.set('app', 'TiersWebSecurityGroup1', { GroupName: 'web' }),
    plant: (after) => after.set('app', 'TiersWebSecurityGroup1', { GroupName: 'proxies' }),
    change: ['TiersWebSecurityGroup1', 'replaces'],
  },
  ...NEIGHBOURS,
  ...NEIGHBOURS_OF_OTHERS,
  ...NEIGHBOURS_OF_NAMES,
  ...NEIGHBOURS_OF_ACCOUNTS,
];
