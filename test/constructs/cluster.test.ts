import { describe, expect, test } from 'vitest';
import { synthesise } from '../cdk-context';
import { all, allowing, one, permissions, required, textOf } from './single-stack';

const app = required(synthesise('prod', 5)['prod-app']);
const workers = required(synthesise('prod', 5)['prod-workers']);
const statements = permissions(app);

describe('the authority of the nodes', () => {
  const key = one(app, 'AWS::KMS::Key');
  const handler = one(app, 'AWS::Lambda::Function', 'ClusterHandler');

  test('is a key that signs, which nobody can have, and which outlives the stack', () => {
    expect(key.properties).toMatchObject({ KeySpec: 'RSA_3072', KeyUsage: 'SIGN_VERIFY' });
    expect(key.resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('is used by one function alone, which may do nothing else with it', () => {
    const using = statements.filter(({ Action }) => textOf(Action).includes('kms:'));
    expect(using.map(({ Action }) => Action)).toEqual([['kms:GetPublicKey', 'kms:Sign']]);
    expect(textOf(using)).toContain(key.id);
  });

  test('keeps its certificate nowhere: whoever may write parameters writes no authority', () => {
    const own = all(app, 'AWS::IAM::Policy').filter(({ id }) => id.startsWith('ClusterRole'));
    expect(own).toHaveLength(1);
    expect(textOf(own)).not.toContain('ssm:');
    expect(textOf(handler.properties['Environment'])).not.toContain('PARAMETER');
  });

  test('certifies nodes of the fleets with peers, for the days that the configuration says', () => {
    expect(handler.properties['Environment'].Variables).toMatchObject({
      ...{ ENVIRONMENT: 'prod', FLEETS: 'prod-app prod-worker', DAYS: '4' },
      IDENTITY_HOST: 'sts.us-east-1.amazonaws.com',
    });
  });

  test('knows the roles of both fleets before they have names', () => {
    const roles = [one(app, 'AWS::IAM::Role', 'TiersApp'), one(workers, 'AWS::IAM::Role', 'WorkersNodes')];
    expect(handler.properties['Environment'].Variables.ROLES).toBe(
      `prod-app/${required(roles[0]).id} prod-workers/${required(roles[1]).id}`,
    );
  });

  test('is asked by app nodes and workers, and by no other role', () => {
    const asking = (template: typeof app): readonly string[] =>
      all(template, 'AWS::IAM::Policy')
        .filter(({ properties }) => textOf(properties['PolicyDocument']).includes('lambda:InvokeFunction'))
        .map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(asking(app)).toEqual(['TiersAppRoleDefaultPolicy']);
    expect(asking(workers)).toEqual(['WorkersNodesRoleDefaultPolicy']);
  });

  test('is there before the first node that asks', () => {
    const group = one(app, 'AWS::AutoScaling::AutoScalingGroup', 'TiersApp');
    expect(group.resource['DependsOn']).toEqual(expect.arrayContaining([handler.id]));
  });
});

test('where nodes speak plain there is none, and nobody may ask', () => {
  const plain = synthesise('prod', 5, { 'cluster.distribution': 'plain' });
  const template = required(plain['prod-app']);
  expect(all(template, 'AWS::KMS::Key')).toEqual([]);
  for (const one of [template, required(plain['prod-workers'])])
    expect(allowing(permissions(one), 'lambda:InvokeFunction')).toEqual([]);
});

test('phases with one node have none', () => {
  expect(all(required(synthesise('prod', 1)['prod-app']), 'AWS::KMS::Key')).toEqual([]);
});
