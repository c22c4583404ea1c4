import { describe, expect, test } from 'vitest';
import { Valkey } from '../../lib/constructs/cache/valkey';
import { all, architecture, network, one, required, singleStack, subnetIds, templateOf, textOf } from './single-stack';

function cache(context: Readonly<Record<string, string>> = {}) {
  const { cache: plan, logDays } = architecture(3, context);
  const stack = singleStack();
  new Valkey(stack, 'Cache', { environment: 'dev', plan: required(plan), vpc: network(stack), logDays });
  const template = templateOf(stack);
  return { template, group: one(template, 'AWS::ElastiCache::ReplicationGroup') };
}

const { template, group } = cache();
const secret = one(template, 'AWS::SecretsManager::Secret');

test('it is Valkey of a pinned version, with parameters of the same one', () => {
  expect(group.properties).toMatchObject({ Engine: 'valkey', AutoMinorVersionUpgrade: false });
  const [major] = String(group.properties['EngineVersion']).split('.');
  expect(one(template, 'AWS::ElastiCache::ParameterGroup').properties['CacheParameterGroupFamily']).toBe(
    `valkey${major}`,
  );
});

test('sessions are not dropped for cached reads', () => {
  const { properties } = one(template, 'AWS::ElastiCache::ParameterGroup');
  expect(properties['Properties']['maxmemory-policy']).toBe('volatile-lru');
});

test('another node takes over, in another zone', () => {
  expect(group.properties).toMatchObject({ MultiAZEnabled: true, AutomaticFailoverEnabled: true });
  expect(cache({ 'cache.replicas': '3' }).group.properties['NumCacheClusters']).toBe(4);
});

describe('who may use it', () => {
  test('nobody without TLS: there is no way in beside it', () => {
    expect(group.properties).toMatchObject({
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
    });
  });

  test('nobody without the password, which is made up in the account and in no template', () => {
    expect(group.properties['AuthToken']).toEqual({
      'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secret.id }, ':SecretString:::}}']],
    });
    const { GenerateSecretString, SecretString } = secret.properties;
    expect(SecretString).toBeUndefined();
    expect(GenerateSecretString).toMatchObject({ ExcludePunctuation: true });
    // ElastiCache takes 16 to 128 characters.
    expect(GenerateSecretString.PasswordLength).toBeGreaterThanOrEqual(16);
    expect(GenerateSecretString.PasswordLength).toBeLessThanOrEqual(128);
  });

  test('nobody who has not opened the way from a side of its own', () => {
    expect(one(template, 'AWS::EC2::SecurityGroup').properties).not.toHaveProperty('SecurityGroupIngress');
    expect(one(template, 'AWS::ElastiCache::SubnetGroup').properties['SubnetIds']).toEqual(subnetIds('data'));
  });
});

describe('what it holds', () => {
  test('is snapshotted every day, and once more when the cache goes', () => {
    expect(cache({ 'cache.snapshotDays': '12' }).group.properties['SnapshotRetentionLimit']).toBe(12);
    expect(group.resource).toMatchObject({ DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
  });

  test('is opened by a password that is kept', () => {
    expect(secret.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });
});

test('slow commands are logged, for as long as other logs', () => {
  const { group: other, template: logged } = cache({ logDays: '14' });
  const log = one(logged, 'AWS::Logs::LogGroup');
  expect(log.properties['RetentionInDays']).toBe(14);
  expect(textOf(other.properties['LogDeliveryConfigurations'])).toContain(log.id);
});

test('nodes learn where it is and which secret opens it, not what is in it', () => {
  const published = all(template, 'AWS::SSM::Parameter').map(({ properties }) => [
    properties['Name'],
    properties['Value'],
  ]);
  expect(Object.fromEntries(published)).toEqual({
    '/beamstalk/dev/cache/endpoint': { 'Fn::GetAtt': [group.id, 'PrimaryEndPoint.Address'] },
    '/beamstalk/dev/cache/reader-endpoint': { 'Fn::GetAtt': [group.id, 'ReaderEndPoint.Address'] },
    '/beamstalk/dev/cache/port': String(group.properties['Port']),
    '/beamstalk/dev/cache/secret': { Ref: secret.id },
  });
});
