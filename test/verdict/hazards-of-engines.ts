import type { Hazard } from './hazard';
import type { Planted } from './planted';

const DATABASE = 'DatabaseInstance';
const database = (properties: object) => (after: Planted) =>
  after.set('data', 'DatabaseInstanceAA', properties as Record<string, unknown>);
const cache = (properties: object) => (after: Planted) =>
  after.set('data', 'CacheGroup', properties as Record<string, unknown>);

/** The database and the cache. */
export const ENGINES: readonly Hazard[] = [
  {
    name: 'database: encryption flipped',
    plant: database({ StorageEncrypted: false }),
    rule: 'data-replaced',
    change: [DATABASE, 'replaces'],
  },
  { name: 'database: another key', plant: database({ KmsKeyId: 'alias/other' }), rule: 'data-replaced' },
  { name: 'database: identifier changed', plant: database({ DBInstanceIdentifier: 'prod' }), rule: 'data-replaced' },
  { name: 'database: name changed', plant: database({ DBName: 'other' }), rule: 'data-replaced' },
  { name: 'database: master user changed', plant: database({ MasterUsername: 'admin' }), rule: 'data-replaced' },
  { name: 'database: port changed', plant: database({ Port: '5433' }), rule: 'data-replaced' },
  { name: 'database: engine changed', plant: database({ Engine: 'mysql' }), rule: 'data-replaced' },
  {
    name: 'database: restored from a snapshot',
    plant: database({ DBSnapshotIdentifier: 'old' }),
    rule: 'data-replaced',
  },
  {
    name: 'database: made a replica of another',
    plant: database({ SourceDBInstanceIdentifier: 'x' }),
    rule: 'data-replaced',
  },
  {
    name: 'database: its subnet group renamed',
    plant: (after) => after.set('data', 'DatabaseInstanceSubnetGroup', { DBSubnetGroupName: 'other' }),
    rule: 'data-replaced',
    change: [DATABASE, 'replaces'],
  },
  { name: 'database: older engine version', plant: database({ EngineVersion: '17.8' }), rule: 'rejected-by-aws' },
  {
    name: 'database: 17.1 after 17.10',
    given: database({ EngineVersion: '17.10' }),
    plant: database({ EngineVersion: '17.1' }),
    rule: 'rejected-by-aws',
  },
  {
    name: 'database: major version without leave',
    plant: database({ EngineVersion: '18.1' }),
    rule: 'rejected-by-aws',
  },
  {
    name: 'database: major version with leave',
    plant: (after) => {
      database({ EngineVersion: '18.1', AllowMajorVersionUpgrade: true })(after);
      after.set('data', 'DatabaseParameters', { Family: 'postgres18' });
    },
    rule: 'major-upgrade',
    verdict: 'needs-migration',
    change: [DATABASE, 'restarts'],
  },
  { name: 'database: storage shrunk', plant: database({ AllocatedStorage: '50' }), rule: 'rejected-by-aws' },
  {
    name: 'database: parameter group family changed under a live engine',
    plant: (after) => after.set('data', 'DatabaseParameters', { Family: 'postgres18' }),
    rule: 'parameter-family',
  },
  {
    name: 'database: TLS no longer forced',
    plant: (after) =>
      Object.assign(after.find('data', 'DatabaseParameters').Properties['Parameters'], { 'rds.force_ssl': '0' }),
    rule: 'guard-dropped',
  },
  {
    name: 'database: deletion policy dropped',
    plant: (after) => void delete after.find('data', 'DatabaseInstanceAA').DeletionPolicy,
    rule: 'guard-dropped',
  },
  {
    name: 'database: deletion policy is Delete',
    plant: (after) => {
      after.find('data', 'DatabaseInstanceAA').DeletionPolicy = 'Delete';
    },
    rule: 'guard-dropped',
  },
  {
    name: 'database: replace policy dropped',
    plant: (after) => void delete after.find('data', 'DatabaseInstanceAA').UpdateReplacePolicy,
    rule: 'guard-dropped',
  },
  { name: 'database: deletion protection off', plant: database({ DeletionProtection: false }), rule: 'guard-dropped' },
  {
    name: 'database: backup retention to zero',
    plant: database({ BackupRetentionPeriod: 0 }),
    rule: 'guard-dropped',
    change: [DATABASE, 'restarts'],
  },
  {
    name: 'database: reachable from the internet',
    plant: database({ PubliclyAccessible: true }),
    rule: 'guard-dropped',
  },
  {
    name: 'database: logical id renamed',
    plant: (after) => after.rename('data', 'DatabaseInstanceAA', 'Primary'),
    rule: 'data-removed',
  },
  {
    name: 'database: removed',
    plant: (after) => after.remove('data', 'DatabaseInstanceAA'),
    rule: 'data-removed',
    change: [DATABASE, 'removes'],
  },
  {
    name: 'database: moved to another stack',
    plant: (after) => {
      const id = after.idOf('data', 'DatabaseInstanceAA');
      after.add('app', id, after.find('data', 'DatabaseInstanceAA'));
      after.remove('data', 'DatabaseInstanceAA');
    },
    rule: 'data-removed',
  },
  {
    name: 'database: another type under its id',
    plant: (after) => {
      after.find('data', 'DatabaseInstanceAA').Type = 'AWS::RDS::DBCluster';
    },
    rule: 'rejected-by-aws',
  },

  // The cache
  { name: 'cache: encryption at rest off', plant: cache({ AtRestEncryptionEnabled: false }), rule: 'data-replaced' },
  { name: 'cache: TLS off', plant: cache({ TransitEncryptionEnabled: false }), rule: 'guard-dropped' },
  { name: 'cache: port changed', plant: cache({ Port: 6380 }), rule: 'data-replaced' },
  {
    name: 'cache: back from Valkey to Redis',
    plant: cache({ Engine: 'redis', EngineVersion: '7.1' }),
    rule: 'data-replaced',
  },
  { name: 'cache: older engine version', plant: cache({ EngineVersion: '7.2' }), rule: 'rejected-by-aws' },
  { name: 'cache: no snapshots', plant: cache({ SnapshotRetentionLimit: 0 }), rule: 'guard-dropped' },
  {
    name: 'cache: parameter family changed under a live engine',
    plant: (after) => after.set('data', 'CacheParameters', { CacheParameterGroupFamily: 'valkey7' }),
    rule: 'parameter-family',
  },
  {
    name: 'cache: password taken away',
    plant: (after) => after.unset('data', 'CacheGroup', 'AuthToken'),
    rule: 'data-replaced',
  },
  {
    name: 'cache: logical id renamed',
    plant: (after) => after.rename('data', 'CacheGroup', 'Sessions'),
    rule: 'data-removed',
  },
];
