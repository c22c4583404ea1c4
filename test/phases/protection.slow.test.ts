import { App } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { buildApp } from '../../lib/app';
import { PHASES } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { verdictOf } from '../../lib/verdict/verdict';
import { cdkContext, synthesise } from '../cdk-context';
import { ENVIRONMENTS } from '../variants';

/** Stacks of an environment that anybody who may delete stacks can delete. */
function unprotected(context: Readonly<Record<string, string>>): string[] {
  const app = new App({ context: { ...cdkContext(), ...context }, analyticsReporting: false });
  buildApp(app, readConfiguration({ context, directory: CONFIGURATION_DIRECTORY }));
  return app
    .synth()
    .stacks.filter(({ terminationProtection }) => terminationProtection !== true)
    .map(({ stackName }) => stackName);
}

/** Load balancers with what they say of their own deletion. */
function loadBalancers(templates: ReturnType<typeof synthesise>): unknown[] {
  return Object.values(templates).flatMap(({ Resources }) =>
    Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer')
      .map(({ Properties }) => {
        const attributes = (Properties?.['LoadBalancerAttributes'] ?? []) as { Key: string; Value: string }[];
        return attributes.find(({ Key }) => Key === 'deletion_protection.enabled')?.Value;
      }),
  );
}

interface State {
  readonly phase: PhaseNumber;
  readonly from?: string;
}

const STATES: readonly State[] = PHASES.flatMap(({ number, retires }): State[] => [
  { phase: number },
  ...(number > 0 && retires.length > 0 ? [{ phase: number, from: String(number - 1) }] : []),
]);

describe.each(STATES)('production at phase $phase from $from', (state) => {
  test.each(['http', 'sockets'])('no stack and no load balancer of %s is deleted by mistake', (ingress) => {
    const { phase, ...from } = state;
    const overrides = { ingress, ...from };
    expect(unprotected({ env: 'prod', phase: String(phase), ...overrides })).toEqual([]);
    const all = loadBalancers(synthesise('prod', phase, overrides));
    expect(all).toHaveLength(phase < 2 ? 0 : 2);
    expect(new Set(all)).toEqual(all.length === 0 ? new Set() : new Set(['true']));
  });
});

test.each(['dev', 'staging'])('%s protects what holds data, and can be taken away otherwise', (env) => {
  const open = unprotected({ env, phase: '6' });
  expect(open).toEqual(expect.arrayContaining([`${env}-app`, `${env}-edge`, `${env}-network`]));
  expect(open.filter((stack) => /-(data|federation|tables|shards.*|warehouse|async|operations)$/.test(stack))).toEqual(
    [],
  );
  expect(new Set(loadBalancers(synthesise(env, 6)))).toEqual(new Set(['false']));
});

describe('what takes a load balancer away goes in two steps', () => {
  const at = (overrides: Readonly<Record<string, string>>) => synthesise('prod', 3, overrides);

  test.each<[string, Readonly<Record<string, string>>]>([
    ['no web tier', { 'web.enabled': 'false' }],
    ['another kind of ingress', { ingress: 'sockets' }],
  ])('%s', (_what, setting) => {
    const rules = (before: Parameters<typeof verdictOf>[0], after: Parameters<typeof verdictOf>[1]) =>
      verdictOf(before, after).findings.filter(({ rule }) => rule === 'deletion-protected');
    const refused = rules(at({}), at(setting));
    expect(refused.length).toBeGreaterThan(0);
    for (const { remedy } of refused)
      expect(remedy).toBe('deploy once with the protection off (protection set to data), then this');
    const [first, second] = [{ protection: 'data' }, { protection: 'data', ...setting }];
    expect(verdictOf(at({}), at(first)).verdict).toBe('safe');
    expect(rules(at(first), at(second))).toEqual([]);
  });

  test('no step of the climb takes one away', () => {
    const states = STATES.map(({ phase, ...overrides }) => synthesise('prod', phase, overrides));
    for (const [index, before] of states.entries()) {
      const after = states[index + 1] ?? before;
      expect(verdictOf(before, after).findings.filter(({ rule }) => rule === 'deletion-protected')).toEqual([]);
    }
  });
});

/** What a resource is, as far as one of its kind is run and recovered in another way. */
function kindOf({
  Type,
  Properties = {},
}: {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}): string {
  if (Type !== 'AWS::RDS::DBInstance') return Type;
  if (Properties['SourceDBInstanceIdentifier'] !== undefined) return `${Type} read replica`;
  return Properties['DBClusterIdentifier'] === undefined ? `${Type} writer` : `${Type} of a cluster`;
}

/** What only some environments have, and why. */
const OF_SOME: Readonly<Record<string, string>> = {
  'AWS::EC2::EIP': 'NAT gateways, where a NAT instance is enough for nobody',
  'AWS::EC2::NatGateway': 'the same',
  'AWS::CloudTrail::Trail': 'an account wants one',
  'AWS::Backup::RestoreTestingPlan': 'restores are tried where backups count',
  'AWS::Backup::RestoreTestingSelection': 'the same',
  'AWS::KMS::Key': 'of the trail',
  'AWS::Logs::MetricFilter': 'of the trail',
};

/** The same in one environment alone. */
const NOT_IN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dev: {
    'AWS::SecretsManager::RotationSchedule': 'passwords rotate in staging, where nodes live as long as in production',
    'AWS::Lambda::Permission': 'of the rotation, in phases without another function that is called',
  },
};

describe('what production does is exercised before', () => {
  test.each(
    PHASES.flatMap(({ number }) => ENVIRONMENTS.filter((env) => env !== 'prod').map((env) => ({ env, number }))),
  )('in $env at phase $number', ({ env, number }) => {
    const kinds = (environment: string) =>
      new Set(
        Object.values(synthesise(environment, number)).flatMap(({ Resources }) => Object.values(Resources).map(kindOf)),
      );
    const here = kinds(env);
    const lacking = [...kinds('prod')].filter(
      (kind) => !here.has(kind) && !Object.hasOwn({ ...OF_SOME, ...NOT_IN[env] }, kind),
    );
    expect(lacking).toEqual([]);
  });

  test.each(['dev', 'staging'])('%s has readers beside its writers at phase 6', (env) => {
    const instances = Object.values(synthesise(env, 6)).flatMap(({ Resources }) =>
      Object.values(Resources).filter(({ Type }) => Type === 'AWS::RDS::DBInstance'),
    );
    expect(instances.filter((one) => kindOf(one).endsWith('read replica')).length).toBeGreaterThan(0);
    const clusters = instances.flatMap(({ Properties }) => JSON.stringify(Properties?.['DBClusterIdentifier'] ?? []));
    const of = (cluster: string): number => clusters.filter((one) => one === cluster).length;
    expect(clusters.filter((one) => one !== '[]').some((cluster) => of(cluster) > 1)).toBe(true);
  });
});
