import { describe, expect, test } from 'vitest';
import { synthesise } from '../cdk-context';
import { all, allowing, one, openings, permissions, required, textOf } from './single-stack';

const rotating = required(synthesise('prod', 1)['prod-logins']);
const staying = required(synthesise('dev', 1)['dev-logins']);
const functions = synthesise('prod', 6);

describe('how a release logs in', () => {
  test('is a secret of its own with a password that nobody chose, kept with the database', () => {
    const { resource, properties } = one(rotating, 'AWS::SecretsManager::Secret');
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(properties['GenerateSecretString']).toMatchObject({ GenerateStringKey: 'password', PasswordLength: 32 });
    expect(textOf(properties['GenerateSecretString'])).toContain('\\"username\\":\\"app\\"');
  });

  test('is published once the roles are there, so that whoever reads it can log in', () => {
    const published = all(rotating, 'AWS::SSM::Parameter');
    expect(published.map(({ properties }) => properties['Name'])).toEqual([
      '/beamstalk/prod/database/application-secret',
    ]);
    const roles = one(rotating, 'Custom::DatabaseRoles');
    for (const { resource } of published) expect(resource['DependsOn']).toContain(roles.id);
    // The way in and the permissions come first.
    const needs = textOf(roles.resource['DependsOn']);
    for (const type of ['AWS::IAM::Policy', 'AWS::Lambda::Function', 'AWS::EC2::SecurityGroupIngress']) {
      for (const { id } of all(rotating, type)) expect(needs).toContain(id);
    }
  });

  test('is made from within the network, by whom the database lets in for that alone', () => {
    expect(openings(rotating)).toEqual([expect.stringMatching(/^Credentials\w+ -> .* tcp 5432$/)]);
    expect(textOf(one(rotating, 'AWS::EC2::SecurityGroupIngress').properties)).toContain('prod-data');
    const { properties } = one(rotating, 'AWS::Lambda::Function');
    expect(properties['VpcConfig']).toMatchObject({ Ipv6AllowedForDualStack: true });
    expect(properties['VpcConfig'].SubnetIds).toHaveLength(3);
    const { SecurityGroupEgress } = one(rotating, 'AWS::EC2::SecurityGroup').properties;
    expect(SecurityGroupEgress.map((rule: { FromPort: number }) => rule.FromPort)).toEqual([443, 443]);
    expect(properties['Environment'].Variables).toMatchObject({ WATCH_SECONDS: '30', SETTLED_SECONDS: '900' });
  });

  test('its maker reads the two secrets, changes one, and makes no network interfaces in its own code', () => {
    const statements = permissions(rotating);
    const resources = (action: string): unknown[] =>
      allowing(statements, action).flatMap(({ Resource }) => [Resource].flat());
    expect(resources('secretsmanager:GetSecretValue')).toHaveLength(2);
    expect(resources('secretsmanager:PutSecretValue')).toEqual([
      { Ref: one(rotating, 'AWS::SecretsManager::Secret').id },
    ]);
    const denied = statements.filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toEqual([
      expect.objectContaining({
        Action: allowing(statements, 'ec2:CreateNetworkInterface')[0]?.Action,
        Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      }),
    ]);
  });
});

describe('passwords', () => {
  test('change on the schedule of the environment, not while it is deployed', () => {
    const { properties, resource } = one(rotating, 'AWS::SecretsManager::RotationSchedule');
    expect(properties).toMatchObject({
      RotationRules: { ScheduleExpression: 'rate(30 days)', Duration: '4h' },
      RotateImmediatelyOnUpdate: false,
    });
    // It is tested at once, which takes a user who can log in and a function that may be called.
    expect(resource['DependsOn']).toEqual(
      expect.arrayContaining([one(rotating, 'Custom::DatabaseRoles').id, one(rotating, 'AWS::Lambda::Permission').id]),
    );
    expect(one(rotating, 'AWS::Lambda::Permission').properties).toMatchObject({
      Principal: 'secretsmanager.amazonaws.com',
      SourceArn: { Ref: one(rotating, 'AWS::SecretsManager::Secret').id },
    });
  });

  test('stay where the environment says 0, and the roles are made all the same', () => {
    expect(all(staying, 'AWS::SecretsManager::RotationSchedule')).toEqual([]);
    expect(all(staying, 'AWS::Lambda::Permission')).toEqual([]);
    expect(allowing(permissions(staying), 'secretsmanager:PutSecretValue')).toEqual([]);
    one(staying, 'Custom::DatabaseRoles');
  });

  test('of functions change each for itself, by one function', () => {
    const logins = required(functions['prod-logins']);
    for (const type of [
      'AWS::SecretsManager::Secret',
      'Custom::DatabaseRoles',
      'AWS::SecretsManager::RotationSchedule',
    ]) {
      expect(all(logins, type)).toHaveLength(3);
    }
    one(logins, 'AWS::Lambda::Function');
    expect(openings(logins)).toHaveLength(3);
  });

  test.each([
    ['prod', 'prod-app', 27],
    ['prod', 'prod-async', 27],
    ['staging', 'staging-app', 6],
  ])('of %s outlive the nodes of %s, which are replaced after %i days', (environment, stack, days) => {
    const groups = all(required(synthesise(environment, 6)[stack]), 'AWS::AutoScaling::AutoScalingGroup');
    const lives = groups.filter(({ id }) => !/Web/.test(id)).map(({ properties }) => properties['MaxInstanceLifetime']);
    expect(lives.length).toBeGreaterThan(0);
    expect(new Set(lives)).toEqual(new Set([days * 86_400]));
    for (const { properties } of all(required(synthesise('dev', 6)['dev-app']), 'AWS::AutoScaling::AutoScalingGroup')) {
      expect(properties).not.toHaveProperty('MaxInstanceLifetime');
    }
  });
});

test('the administrator of Aurora Limitless is for no node either', () => {
  const { 'dev-logins': logins, 'dev-app': app } = synthesise('dev', 6, { 'data.sharding.engine': 'limitless' });
  const names = all(required(logins), 'AWS::SSM::Parameter').map(({ properties }) => properties['Name']);
  expect(names).toContain('/beamstalk/dev/shards/application-secret');
  const readable = textOf(allowing(permissions(required(app)), 'secretsmanager:GetSecretValue'));
  expect(readable).toContain('dev-logins');
  expect(readable).not.toContain('dev-shards');
});

test('every sharded cluster has the role that nodes log in as with a token, made as its administrator', () => {
  const { 'prod-shards-0': clusters } = synthesise('prod', 6, { 'data.sharding.clusters': '3' });
  const roles = all(required(clusters), 'Custom::DatabaseRoles').map(({ properties }) => properties);
  expect(roles).toHaveLength(3);
  for (const properties of roles) {
    expect(properties).toMatchObject({ TokenUser: 'beamstalk_prod', Database: 'shard', Port: '5432' });
  }
  for (const of of ['MasterSecret', 'Host'])
    expect(new Set(roles.map((properties) => textOf(properties[of]))).size).toBe(3);
  const read = allowing(permissions(required(clusters)), 'secretsmanager:GetSecretValue').flatMap(({ Resource }) =>
    [Resource].flat(),
  );
  expect(read.map(textOf).sort()).toEqual(roles.map(({ MasterSecret }) => textOf(MasterSecret)).sort());
});
