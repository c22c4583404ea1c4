import { describe, expect, test } from 'vitest';
import { synthesise } from '../cdk-context';

// The mover in the templates of an expansion: what it reaches, and what it may.

const EXPANDED = [
  { phase: 1, from: '0', subnets: /publicSubnet/, isPublic: true },
  { phase: 6, from: '5', subnets: /appSubnet/, isPublic: false },
] as const;

const app = ({ phase, from }: (typeof EXPANDED)[number]) =>
  synthesise('prod', phase, { from })['prod-app']?.Resources ?? {};
const text = (value: unknown): string => JSON.stringify(value);

describe.each(EXPANDED)('while the climb from $from to $phase expands, the mover', (state) => {
  const resources = () => Object.entries(app(state)).filter(([id]) => /^Mover/.test(id));
  const ofType = (type: string) => resources().filter(([, { Type }]) => Type === type);

  test('is a group of none, which nobody waits for, in the subnets that reach AWS', () => {
    const [[, group] = ['', undefined], ...others] = ofType('AWS::AutoScaling::AutoScalingGroup');
    expect(others).toEqual([]);
    expect(group?.Properties).toMatchObject({ MinSize: '0', MaxSize: '1' });
    expect(group).not.toHaveProperty('CreationPolicy');
    expect(text(group?.Properties?.['VPCZoneIdentifier'])).toMatch(state.subnets);
    const [[, template] = ['', undefined]] = ofType('AWS::EC2::LaunchTemplate');
    expect(text(template?.Properties)).toContain(`"AssociatePublicIpAddress":${state.isPublic}`);
  });

  test('tells where data are and what was verified, by name, and writes nothing else', () => {
    const statements = ofType('AWS::IAM::Policy').flatMap(
      ([, { Properties }]) => Properties?.['PolicyDocument'].Statement as { Action: string; Resource: unknown }[],
    );
    const written = statements.filter(({ Action }) => text(Action).includes('ssm:PutParameter'));
    const names = [...text(written).matchAll(/:parameter\/beamstalk\/prod\/([^"]+)"/g)].map(([, name]) => name);
    const functions = ['catalogue', 'forum', 'users'];
    expect(names.sort()).toEqual(
      state.phase === 1
        ? ['climb/verified/0-1', 'database/source']
        : [
            ...functions.map((name) => `climb/verified/5-6/${name}`),
            ...functions.map((name) => `database/${name}/source`),
          ],
    );
    expect(written.map(({ Action }) => Action)).toEqual(['ssm:PutParameter']);
    const read = statements.filter(({ Action }) => text(Action).includes('secretsmanager'));
    expect(read.map(({ Action }) => Action)).toEqual(['secretsmanager:GetSecretValue']);
    // Of the administrator and of the application, of each database of RDS; and that of the box.
    expect([read[0]?.Resource].flat()).toHaveLength(state.phase === 1 ? 3 : 8);
  });

  test('reaches each database, and they reach each other', () => {
    const ways = ofType('AWS::EC2::SecurityGroupIngress').concat(
      Object.entries(app(state)).filter(([id]) => /^BoxFleetSecurityGroupfrom\w+Mover/.test(id)),
    );
    for (const [, { Properties }] of ways)
      expect(Properties).toMatchObject({ FromPort: 5432, ToPort: 5432, IpProtocol: 'tcp' });
    // At the first climb: to both, and from RDS to the box, which reaches RDS anyway.
    expect(ways).toHaveLength(state.phase === 1 ? 3 : 4);
    const out = ofType('AWS::EC2::SecurityGroupEgress');
    expect(out).toHaveLength(state.phase === 1 ? 1 : 0);
  });
});

test('the password for the box stays out of templates, and its role can read it', () => {
  const resources = app(EXPANDED[0]);
  const [id = ''] = Object.keys(resources).filter((one) => /^MoverBoxLoginSecret/.test(one));
  expect(resources[id]).toMatchObject({ Type: 'AWS::SecretsManager::Secret', DeletionPolicy: 'Retain' });
  expect(text(resources[id]?.Properties)).toContain('"SecretStringTemplate":"{\\"username\\":\\"beamstalk_mover\\"}"');
  const readers = Object.entries(resources).filter(
    ([, { Type, Properties }]) => Type === 'AWS::IAM::Policy' && text(Properties).includes(`{"Ref":"${id}"}`),
  );
  expect(readers.map(([name]) => name.replace(/[0-9A-F]{8}$/, ''))).toEqual([
    'BoxFleetRoleDefaultPolicy',
    'MoverNodesRoleDefaultPolicy',
  ]);
});

test('an expansion rolls no box: its launch template is that of the phase below', () => {
  const templates = (resources: ReturnType<typeof app>) =>
    Object.entries(resources).filter(([id]) => /^BoxFleet(LaunchTemplate|Group)/.test(id));
  const below = templates(synthesise('prod', 0)['prod-app']?.Resources ?? {});
  const properties = (found: typeof below) => found.map(([id, { Properties }]) => [id, Properties]);
  expect(below.length).toBeGreaterThan(1);
  expect(properties(templates(app(EXPANDED[0])))).toEqual(properties(below));
});

test('no phase has any of it once its climb has contracted', () => {
  for (const phase of [0, 1, 2, 5, 6] as const) {
    expect(text(Object.keys(synthesise('prod', phase)['prod-app']?.Resources ?? {}))).not.toContain('Mover');
  }
});
