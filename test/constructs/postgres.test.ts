import { describe, expect, test } from 'vitest';
import { Postgres } from '../../lib/constructs/database/postgres';
import { Readers } from '../../lib/constructs/database/readers';
import { all, architecture, network, one, required, singleStack, subnetIds, templateOf, textOf } from './single-stack';

function database(context: Readonly<Record<string, string>> = {}) {
  const plan = required(architecture(3, context).database);
  const stack = singleStack();
  const vpc = network(stack);
  const writer = new Postgres(stack, 'Database', { environment: 'dev', plan, vpc });
  new Readers(stack, 'Readers', { environment: 'dev', plan: required(plan.readers), vpc, writer });
  const template = templateOf(stack);
  return {
    template,
    writer: one(template, 'AWS::RDS::DBInstance', 'Database'),
    replicas: all(template, 'AWS::RDS::DBInstance').filter(({ id }) => id.startsWith('Readers')),
    parameters: one(template, 'AWS::RDS::DBParameterGroup').properties['Parameters'] as Record<string, string>,
  };
}

const { template, writer, parameters } = database();

describe('the writer', () => {
  test('is encrypted gp3 storage that grows by itself', () => {
    const { writer: sized } = database({ 'database.storageGiB': '50', 'database.maxStorageGiB': '300' });
    expect(sized.properties).toMatchObject({
      StorageEncrypted: true,
      StorageType: 'gp3',
      AllocatedStorage: '50',
      MaxAllocatedStorage: 300,
    });
  });

  test('has a generated password that no template holds, and not one that RDS manages, which forbids replicas', () => {
    expect(writer.properties).not.toHaveProperty('ManageMasterUserPassword');
    const secret = one(template, 'AWS::SecretsManager::Secret');
    expect(secret.properties['GenerateSecretString']).toMatchObject({
      PasswordLength: 30,
      GenerateStringKey: 'password',
    });
    expect(secret.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(textOf(writer.properties['MasterUserPassword'])).toMatch(/resolve:secretsmanager:.*:SecretString:password/);
  });

  test('is kept whatever happens, and protected from deletion', () => {
    expect(writer.properties['DeletionProtection']).toBe(true);
    expect(writer.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('has a pinned version with its minor, which nothing but the configuration changes', () => {
    const { writer: pinned, template: other } = database({ 'database.engineVersion': '16.4' });
    expect(pinned.properties).toMatchObject({
      Engine: 'postgres',
      EngineVersion: '16.4',
      AutoMinorVersionUpgrade: false,
    });
    expect(one(other, 'AWS::RDS::DBParameterGroup').properties['Family']).toBe('postgres16');
  });

  test('writes its log and that of upgrades to CloudWatch', () => {
    expect(writer.properties['EnableCloudwatchLogsExports']).toEqual(['postgresql', 'upgrade']);
  });

  test('is backed up for as long as the configuration says', () => {
    expect(database({ 'database.backupDays': '21' }).writer.properties['BackupRetentionPeriod']).toBe(21);
  });

  test('upgrades itself after its backup, not before', () => {
    const start = (window: unknown) => String(window).replace(/^sun:/, '').slice(0, 5);
    const { PreferredBackupWindow, PreferredMaintenanceWindow } = writer.properties;
    expect(start(PreferredMaintenanceWindow) > String(PreferredBackupWindow).slice(6)).toBe(true);
  });

  test.each([
    ['standard', 7],
    ['advanced', 465],
  ])('keeps insights, %s, for as long as that mode asks for', (insights, days) => {
    expect(database({ 'database.insights': insights }).writer.properties).toMatchObject({
      DatabaseInsightsMode: insights,
      EnablePerformanceInsights: true,
      PerformanceInsightsRetentionPeriod: days,
    });
  });

  test('stands in the isolated subnets, unreachable from outside and unable to reach it', () => {
    const { properties } = one(template, 'AWS::RDS::DBSubnetGroup', 'Database');
    expect(properties['SubnetIds']).toEqual(subnetIds('data'));
    expect(writer.properties['PubliclyAccessible'] ?? false).toBe(false);
    const group = one(template, 'AWS::EC2::SecurityGroup').properties;
    expect(group).not.toHaveProperty('SecurityGroupIngress');
    expect(group['SecurityGroupEgress']).toEqual([expect.objectContaining({ CidrIp: '255.255.255.255/32' })]);
    expect(all(template, 'AWS::EC2::SecurityGroupIngress')).toEqual([]);
  });

  test('is Multi-AZ when the architecture says so', () => {
    const single = required(architecture(1).database);
    const stack = singleStack();
    new Postgres(stack, 'Database', { environment: 'dev', plan: single, vpc: network(stack) });
    expect(one(templateOf(stack), 'AWS::RDS::DBInstance').properties['MultiAZ']).toBe(false);
    expect(writer.properties['MultiAZ']).toBe(true);
  });

  test('has no name of its own, which would stand in the way of a restored one', () => {
    expect(writer.properties).not.toHaveProperty('DBInstanceIdentifier');
  });
});

describe('parameters', () => {
  test('refuse connections without TLS', () => {
    expect(parameters['rds.force_ssl']).toBe('1');
  });

  test('log what takes longer than the configuration says, and gather statistics of statements', () => {
    expect(database({ 'database.slowQueryMs': '750' }).parameters['log_min_duration_statement']).toBe('750');
    expect(parameters['shared_preload_libraries']).toContain('pg_stat_statements');
  });

  test('let a migration replicate logically without a restart', () => {
    expect(parameters['rds.logical_replication']).toBe('1');
  });

  test('grow with the instance: every size of memory is a formula over it', () => {
    for (const name of ['effective_cache_size', 'maintenance_work_mem']) {
      expect(parameters[name]).toContain('{DBInstanceClassMemory/');
    }
  });

  test('are of the writer and its replicas alike', () => {
    const { template: both } = database({ 'database.replicas': '2' });
    const groups = all(both, 'AWS::RDS::DBInstance').map(({ properties }) =>
      textOf(properties['DBParameterGroupName']),
    );
    expect(groups).toHaveLength(3);
    expect(new Set(groups).size).toBe(1);
  });
});

test('nodes learn where the database is, and which secret opens it, not what is in it', () => {
  const published = all(template, 'AWS::SSM::Parameter').map(({ properties }) => [
    properties['Name'],
    properties['Value'],
  ]);
  expect(Object.fromEntries(published)).toEqual({
    '/beamstalk/dev/database/endpoint': { 'Fn::GetAtt': [writer.id, 'Endpoint.Address'] },
    '/beamstalk/dev/database/port': { 'Fn::GetAtt': [writer.id, 'Endpoint.Port'] },
    '/beamstalk/dev/database/secret': { Ref: one(template, 'AWS::SecretsManager::SecretTargetAttachment').id },
    '/beamstalk/dev/database/reader-endpoint': 'reader.database.dev.beamstalk.internal',
  });
});

describe.each([0, 1, 3])('%i replicas', (count) => {
  const { template: some, replicas, writer: source } = database({ 'database.replicas': String(count) });
  const records = all(some, 'AWS::Route53::RecordSet').map(({ properties }) => properties);

  test('follow the writer', () => {
    expect(replicas).toHaveLength(count);
    for (const { properties } of replicas) {
      expect(textOf(properties['SourceDBInstanceIdentifier'])).toContain(source.id);
      expect(properties).toMatchObject({ PubliclyAccessible: false, StorageType: 'gp3' });
      expect(properties).not.toHaveProperty('MasterUsername');
    }
  });

  test('share the answers of one name equally, which is the writer when there are none', () => {
    const endpoints = records.map(({ ResourceRecords }) => textOf(ResourceRecords));
    const expected = count === 0 ? [source] : replicas;
    expect(endpoints).toEqual(expected.map(({ id }) => textOf([{ 'Fn::GetAtt': [id, 'Endpoint.Address'] }])));
    expect(new Set(records.map(({ Name }) => Name))).toEqual(new Set(['reader.database.dev.beamstalk.internal.']));
    expect(records.map(({ Weight }) => Weight)).toEqual(records.map(() => 1));
    expect(new Set(records.map(({ SetIdentifier }) => SetIdentifier)).size).toBe(records.length);
  });

  test('are followed within seconds, and seen from inside the network only', () => {
    for (const { TTL, Type } of records) {
      expect(Number(TTL)).toBeLessThanOrEqual(10);
      expect(Type).toBe('CNAME');
    }
    expect(one(some, 'AWS::Route53::HostedZone').properties['VPCs']).toEqual([
      expect.objectContaining({ VPCId: 'vpc-test' }),
    ]);
  });
});

test('one replica more leaves the others and the writer as they were', () => {
  const without = database({ 'database.replicas': '1' }).template.Resources;
  const { Resources } = database({ 'database.replicas': '2' }).template;
  for (const [id, resource] of Object.entries(without)) expect(Resources[id]).toEqual(resource);
});
