import type { Hazard } from './hazard';
import type { Planted } from './planted';

const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };

/** A cluster of an engine with one instance. */
export const cluster =
  (service: 'DocDB' | 'Neptune' | 'RDS', properties: object = {}) =>
  (both: Planted): void => {
    both.add('data', 'Cluster', {
      Type: `AWS::${service}::DBCluster`,
      Properties: { StorageEncrypted: true, DeletionProtection: true, BackupRetentionPeriod: 7, ...properties },
      ...KEPT,
    });
    both.add('data', 'ClusterWriter', {
      Type: `AWS::${service}::DBInstance`,
      Properties: { DBClusterIdentifier: { Ref: 'Cluster' }, DBInstanceClass: 'db.r7g.large' },
    });
  };

const version = (EngineVersion: string) => (after: Planted) => after.set('data', 'Cluster', { EngineVersion });

export const AURORA = { Engine: 'aurora-postgresql', EngineVersion: '17.9' };

/** Databases whose instances share one storage: Aurora, DocumentDB, Neptune. */
export const CLUSTERS: readonly Hazard[] = [
  {
    name: 'cluster: older major version',
    given: cluster('RDS', AURORA),
    plant: version('16.9'),
    rule: 'rejected-by-aws',
  },
  {
    name: 'cluster: older minor version',
    given: cluster('RDS', AURORA),
    plant: version('17.4'),
    rule: 'rejected-by-aws',
  },
  {
    name: 'cluster: newer major version',
    given: cluster('RDS', { ...AURORA, EngineVersion: '16.9' }),
    plant: version('17.4'),
    rule: 'major-upgrade',
    verdict: 'needs-migration',
    change: ['Cluster', 'restarts'],
  },
  {
    name: 'cluster of MySQL: newer major version',
    given: cluster('RDS', { Engine: 'aurora-mysql', EngineVersion: '8.0.mysql_aurora.3.10.0' }),
    plant: version('8.4.mysql_aurora.4.0.0'),
    rule: 'major-upgrade',
    verdict: 'needs-migration',
  },
  {
    name: 'global cluster: older version',
    given: (both) =>
      both.add('data', 'World', {
        Type: 'AWS::RDS::GlobalCluster',
        Properties: { EngineVersion: '17.9', DeletionProtection: true },
        ...KEPT,
      }),
    plant: (after) => after.set('data', 'World', { EngineVersion: '17.4' }),
    rule: 'rejected-by-aws',
  },
  {
    name: 'graph: older version',
    given: cluster('Neptune', { EngineVersion: '1.4.6.0' }),
    plant: version('1.3.2.0'),
    rule: 'rejected-by-aws',
  },
  {
    name: 'graph: newer major version',
    given: cluster('Neptune', { EngineVersion: '1.3.2.0' }),
    plant: version('1.4.6.0'),
    rule: 'major-upgrade',
    verdict: 'needs-migration',
    change: ['Cluster', 'restarts'],
  },
  {
    name: 'graph: parameters of another family',
    given: (both) => {
      cluster('Neptune', { EngineVersion: '1.4.6.0', DBClusterParameterGroupName: { Ref: 'GraphParameters' } })(both);
      both.add('data', 'GraphParameters', {
        Type: 'AWS::Neptune::DBClusterParameterGroup',
        Properties: { Family: 'neptune1.4' },
      });
    },
    plant: (after) => after.set('data', 'GraphParameters', { Family: 'neptune1.3' }),
    rule: 'parameter-family',
  },
  {
    name: 'documents: older version',
    given: cluster('DocDB', { EngineVersion: '5.0.0' }),
    plant: version('4.0.0'),
    rule: 'data-replaced',
    change: ['Cluster', 'replaces'],
  },
  ...(['RDS', 'DocDB', 'Neptune'] as const).map(
    (service): Hazard => ({
      name: `cluster of ${service}: its last instance gone`,
      given: cluster(service),
      plant: (after) => after.remove('data', 'ClusterWriter'),
      rule: 'cluster-without-instances',
      change: ['ClusterWriter', 'removes'],
    }),
  ),
  {
    name: 'cluster: its last instance gone, and kept',
    given: (both) => {
      cluster('RDS')(both);
      both.find('data', 'ClusterWriter').DeletionPolicy = 'RetainExceptOnCreate';
    },
    plant: (after) => after.remove('data', 'ClusterWriter'),
    rule: 'cluster-without-instances',
  },
  {
    name: 'cluster: its last instance given to another',
    given: (both) => {
      cluster('RDS')(both);
      both.add('data', 'Other', { Type: 'AWS::RDS::DBCluster', Properties: {}, ...KEPT });
    },
    plant: (after) => after.set('data', 'ClusterWriter', { DBClusterIdentifier: { Ref: 'Other' } }),
    rule: 'cluster-without-instances',
    change: ['ClusterWriter', 'replaces'],
  },
];
