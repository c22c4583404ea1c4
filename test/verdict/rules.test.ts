import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from 'vitest';
import { identityOf, isExclusive } from '../../lib/template/physical-names';
import { isKnown, replacementBy } from '../../lib/template/specification';
import { holds, isUnknown, STATEFUL_TYPES } from '../../lib/template/stateful';
import type { TemplateResource } from '../../lib/template/template';
import { legible } from '../../lib/template/text';
import { nameOf } from '../../lib/template/type-names';
import { CORRECTIONS } from '../../lib/verdict/changes/corrections';
import { compareVersions, isMajorUpgrade } from '../../lib/verdict/changes/engine-version';
import { effectOf } from '../../lib/verdict/changes/property-effect';
import { RESTARTS, staticParametersIn } from '../../lib/verdict/changes/restarts';
import { guardsOf, weakened } from '../../lib/verdict/rules/data/guards';

/** Loaded once: it takes half a second. */
const specification = loadAwsServiceSpecSync();

function effect(type: string, property: string, before: unknown, after: unknown, rest: object = {}) {
  const resource = (value: unknown): TemplateResource => ({ Type: type, Properties: { [property]: value, ...rest } });
  return effectOf({ type, property, before, after, was: resource(before), is: resource(after) }).effect;
}

describe('the service specification', () => {
  test('knows our types and what replaces', () => {
    expect(isKnown('AWS::RDS::DBInstance')).toBe(true);
    expect(isKnown('AWS::Tomorrow::Vault')).toBe(false);
    expect(replacementBy('AWS::RDS::DBInstance', 'DBName')).toBe('yes');
    expect(replacementBy('AWS::RDS::DBInstance', 'MultiAZ')).toBe('maybe');
    expect(replacementBy('AWS::RDS::DBInstance', 'AllocatedStorage')).toBe('no');
    expect(identityOf('AWS::EC2::SecurityGroup')).toEqual(['GroupName', 'VpcId']);
    expect(identityOf('AWS::ApplicationAutoScaling::ScalingPolicy')).toBeUndefined();
    expect(identityOf('AWS::Batch::JobDefinition')).toBeUndefined();
    expect(isExclusive('AWS::S3::Bucket')).toBe(true);
    expect(isExclusive('AWS::APS::RuleGroupsNamespace')).toBe(false);
  });

  test('every correction and every restart is about something it knows', () => {
    const rules = [...CORRECTIONS, ...RESTARTS].flatMap(({ type: types, property }) =>
      [types].flat().map((type) => ({ type, property })),
    );
    for (const { type, property } of rules) {
      const [model] = specification.lookup('resource', 'cloudFormationType', 'equals', type);
      expect([type, model?.cloudFormationType]).toEqual([type, type]);
      const names = property === '*' ? [] : [property].flat();
      expect(names.filter((name) => model?.properties[name] === undefined)).toEqual([]);
    }
  });

  test('nothing that holds data is replaced by a nested property under one that is not', () => {
    // `fullDiff` and we look at top-level properties: these are the exceptions, and what is known of them.
    const nested = specification.all('resource').flatMap((resource) => {
      if (!STATEFUL_TYPES.includes(resource.cloudFormationType)) return [];
      const types = specification.follow('usesType', resource).map(({ entity }) => entity);
      return Object.entries(resource.properties).flatMap(([name, { type, causesReplacement }]) => {
        if (causesReplacement === 'yes' || causesReplacement === 'maybe') return [];
        const own = types.filter(({ $id }) => JSON.stringify(type).includes(`"${$id}"`));
        const replacing = own
          .flatMap(({ properties }) => Object.values(properties))
          .filter((inner) => inner.causesReplacement === 'yes');
        return replacing.length === 0 ? [] : [`${resource.cloudFormationType} ${name}`];
      });
    });
    const corrected = CORRECTIONS.flatMap(({ type, property }) =>
      [type].flat().flatMap((one) => [property].flat().map((name) => `${one} ${name}`)),
    );
    expect(nested).not.toEqual([]);
    expect(nested.filter((one) => !corrected.includes(one))).toEqual([]);
  });

  test('every type it marks as stateful is on our list, or is left out for a reason', () => {
    const marked = specification.all('resource').filter(({ isStateful }) => isStateful);
    const missing = marked
      .map(({ cloudFormationType }) => cloudFormationType)
      .filter((type) => !STATEFUL_TYPES.includes(type));
    expect(missing.sort()).toEqual([
      'AWS::DocDB::DBInstance', // holds nothing: its cluster does
      'AWS::EMR::Cluster', // works on data that lies in S3
      'AWS::Logs::LogGroup', // history with an expiry date
      'AWS::Neptune::DBInstance', // holds nothing: its cluster does
    ]);
    expect(STATEFUL_TYPES.filter((type) => !isKnown(type))).toEqual([]);
  });
});

describe('what holds data', () => {
  test.each([
    ['a database', { Type: 'AWS::RDS::DBInstance' }, true],
    ['a read replica', { Type: 'AWS::RDS::DBInstance', Properties: { SourceDBInstanceIdentifier: 'x' } }, false],
    ['an instance of a cluster', { Type: 'AWS::RDS::DBInstance', Properties: { DBClusterIdentifier: 'x' } }, false],
    ['an address', { Type: 'AWS::EC2::EIP' }, false],
    ['a fleet', { Type: 'AWS::AutoScaling::AutoScalingGroup' }, false],
    ['an unknown type', { Type: 'AWS::Tomorrow::Vault' }, true],
    ['an unknown custom resource', { Type: 'Custom::Anything' }, true],
    ['the gate', { Type: 'Custom::PhaseGate' }, false],
    ['roles, which stay in their database', { Type: 'Custom::DatabaseRoles' }, false],
    ['a feed of the warehouse', { Type: 'Custom::WarehouseFeed' }, false],
  ])('%s: %#', (_, resource, expected) => {
    expect(holds(resource) !== undefined).toBe(expected);
  });

  test('nobody knows what a change of an unknown type does', () => {
    expect(isUnknown('AWS::Tomorrow::Vault')).toBe(true);
    expect(effect('AWS::Tomorrow::Vault', 'Size', 1, 2)).toBe('refused');
    expect(effect('Custom::PhaseGate', 'Phase', '1', '2')).toBe('in place');
  });
});

describe('what a change does', () => {
  test.each([
    ['AWS::RDS::DBInstance', 'MultiAZ', false, true, 'in place'],
    ['AWS::RDS::DBInstance', 'Engine', 'postgres', 'mysql', 'replaces'],
    ['AWS::RDS::DBInstance', 'AllocatedStorage', '100', '99', 'refused'],
    ['AWS::RDS::DBInstance', 'AllocatedStorage', '99', '100', 'in place'],
    ['AWS::RDS::DBInstance', 'EngineVersion', '17.9', '17.10', 'restarts'],
    ['AWS::RDS::DBInstance', 'EngineVersion', '17.10', '17.9', 'refused'],
    ['AWS::ElastiCache::ReplicationGroup', 'Engine', 'redis', 'valkey', 'restarts'],
    ['AWS::ElastiCache::ReplicationGroup', 'Engine', 'valkey', 'redis', 'replaces'],
    ['AWS::ElastiCache::ReplicationGroup', 'NumNodeGroups', 1, 2, 'replaces'],
    ['AWS::EC2::Volume', 'Size', 10, 20, 'in place'],
    ['AWS::EC2::Volume', 'Size', 20, 10, 'refused'],
    ['AWS::CloudFront::VpcOrigin', 'Tags', [], ['x'], 'refused'],
    ['AWS::SQS::Queue', 'FifoQueue', false, true, 'replaces'],
    ['AWS::OpenSearchService::Domain', 'EngineVersion', 'OpenSearch_1.3', 'OpenSearch_2.11', 'replaces'],
    ['AWS::OpenSearchService::Domain', 'EngineVersion', 'OpenSearch_2.11', 'OpenSearch_1.3', 'refused'],
    ['AWS::Serverless::Function', 'Timeout', 3, 30, 'in place'],
    ['AWS::Serverless::Function', 'FunctionName', 'a', 'b', 'replaces'],
    ['AWS::Serverless::SimpleTable', 'PrimaryKey', { Name: 'a' }, { Name: 'b' }, 'replaces'],
    ['Custom::CDKBucketDeployment', 'Prune', true, false, 'in place'],
    ['AWS::AutoScaling::AutoScalingGroup', 'MinSize', '1', '2', 'in place'],
  ])('%s %s from %s to %s: %s', (type, property, before, after, expected) => {
    expect(effect(type, property, before, after)).toBe(expected);
  });

  test('versions are compared part by part', () => {
    expect(compareVersions('17.10', '17.9')).toBeGreaterThan(0);
    expect(compareVersions('8.0', '8')).toBe(0);
    expect(compareVersions('OpenSearch_2.11', 'OpenSearch_2.9')).toBeGreaterThan(0);
    expect(compareVersions('OpenSearch_1.3', 'Elasticsearch_7.10')).toBe(0);
    expect(compareVersions(undefined, '17.9')).toBe(0);
    expect(compareVersions('17.9', { Ref: 'Version' })).toBe(0);
  });

  test.each([
    ['AWS::RDS::DBInstance', 'postgres', '17.9', '17.10', false],
    ['AWS::RDS::DBInstance', 'postgres', '17.9', '18.1', true],
    ['AWS::RDS::DBInstance', 'postgres', undefined, '18.1', false],
    ['AWS::RDS::DBInstance', 'mysql', '8.0.40', '8.4.3', true],
    ['AWS::RDS::DBCluster', 'aurora-postgresql', '16.9', '17.4', true],
    ['AWS::RDS::DBCluster', 'aurora-mysql', '8.0.mysql_aurora.3.08.0', '8.0.mysql_aurora.3.10.0', false],
    ['AWS::Neptune::DBCluster', undefined, '1.3.2.0', '1.4.6.0', true],
    ['AWS::Neptune::DBCluster', undefined, '1.4.5.0', '1.4.6.0', false],
  ])('%s of %s from %s to %s is a major upgrade: %s', (Type, Engine, before, after, expected) => {
    expect(isMajorUpgrade({ before, after, is: { Type, Properties: { Engine } } })).toBe(expected);
  });

  test('only some parameters wait for a restart', () => {
    expect(staticParametersIn({ max_connections: 1, work_mem: 1 }, { max_connections: 2, work_mem: 2 })).toEqual([
      'max_connections',
    ]);
    expect(staticParametersIn({ max_connections: 1 }, { max_connections: '1' })).toEqual([]);
  });
});

describe('guards', () => {
  const database = (Properties: object, DeletionPolicy = 'Retain') => ({
    Type: 'AWS::RDS::DBInstance',
    Properties: { BackupRetentionPeriod: 7, StorageEncrypted: true, DeletionProtection: true, ...Properties },
    DeletionPolicy,
    UpdateReplacePolicy: DeletionPolicy,
  });

  test('are named as they stand', () => {
    expect(guardsOf(database({}))).toEqual([
      'kept when removed',
      'deletion protection',
      'backups of 7 days',
      'encrypted',
      'private',
    ]);
    expect(guardsOf({ Type: 'AWS::EC2::EIP' })).toEqual([]);
  });

  test('of a global table are those that all its copies have', () => {
    const table = (...Replicas: object[]) => ({
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { Replicas },
    });
    const [guarded, bare] = [
      {
        Region: 'us-east-1',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
      { Region: 'eu-west-1', DeletionProtectionEnabled: true },
    ];
    expect(guardsOf(table(guarded))).toEqual([
      'kept when removed',
      'deletion protection',
      'point-in-time recovery of 35 days',
    ]);
    expect(guardsOf(table(guarded, bare))).toEqual(['kept when removed', 'deletion protection']);
    expect(guardsOf(table())).toEqual(['kept when removed']);
    expect(weakened(table(guarded, bare), table(guarded, { ...bare, DeletionProtectionEnabled: false }))).toMatchObject(
      [{ severity: 'refused', message: 'in eu-west-1 loses deletion protection' }],
    );
  });

  test('that get weaker are worth a note, that go are refused, that get stronger are not mentioned', () => {
    expect(weakened(database({}), database({ BackupRetentionPeriod: 3 }))).toMatchObject([
      { severity: 'note', rule: 'guard-weaker' },
    ]);
    expect(weakened(database({}), database({ BackupRetentionPeriod: 1 }))).toMatchObject([
      { severity: 'needs-migration', rule: 'guard-weaker' },
    ]);
    expect(weakened(database({}), database({}, 'Snapshot'))).toMatchObject([
      { severity: 'note' },
      { severity: 'note' },
    ]);
    expect(weakened(database({}), database({ BackupRetentionPeriod: 0 }))).toMatchObject([
      { severity: 'refused', rule: 'guard-dropped' },
    ]);
    expect(weakened(database({ DeletionProtection: false }), database({}))).toEqual([]);
  });
});

test.each([
  ['${TiersAppRole96204136}', 'TiersAppRole'],
  ['${prod-data|PublishOutputFnGetAttBucketsAssetsBucketBD4547F7Arn78CD7B7F}', 'BucketsAssetsBucket of prod-data'],
  ['arn:${AWS::Partition}:ssm:us-east-1:${AWS::AccountId}:parameter/x', 'ssm:parameter/x'],
  ['Service:ec2.amazonaws.com', 'ec2.amazonaws.com'],
])('%s reads as %s', (text, expected) => {
  expect(legible(text)).toBe(expected);
});

test('things go by the names of their types', () => {
  const fleet = (Value: string) => ({
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: { Tags: [{ Key: 'beamstalk:fleet', Value }] },
  });
  expect([fleet('prod-app'), fleet('prod-box'), fleet('prod-nat')].map(nameOf)).toEqual([
    'app fleet',
    'single server',
    'NAT instance',
  ]);
  expect(nameOf({ Type: 'AWS::RDS::DBInstance', Properties: { SourceDBInstanceIdentifier: 'x' } })).toBe(
    'read replica',
  );
  expect(nameOf({ Type: 'AWS::New::Thing' })).toBe('Thing');
});
