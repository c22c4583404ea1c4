import { App, type Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { buildApp } from '../../lib/app';
import { PHASES } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { cdkContext, synthesise } from '../cdk-context';
import { IN_EUROPE, WITH_DOMAIN } from '../variants';
import { all, EMPTY } from './single-stack';

type Context = Readonly<Record<string, string>>;
/** The stacks of an app after synthesis: only then are references between them dependencies. */
function stacksOf(context: Context): readonly Stack[] {
  const app = new App({ context: { ...cdkContext(), ...context }, analyticsReporting: false });
  const stacks = buildApp(app, readConfiguration({ context, directory: CONFIGURATION_DIRECTORY }));
  app.synth();
  return stacks;
}

/** Stacks of what cannot be made again: rows, messages, backups, the trail. */
const HOLDS_DATA = /^prod-(data|federation|logins|shards.*|tables|no-sql|async|warehouse|operations)$/;

describe.each(PHASES)('phase $number', ({ number }) => {
  const context = { env: 'prod', phase: String(number), ...WITH_DOMAIN, ...IN_EUROPE, protection: 'data' };
  const stacks = stacksOf(context);
  const named = new Map(stacks.map((stack) => [stack.stackName, stack]));
  const needs = (name: string): string[] =>
    (named.get(`prod-${name}`)?.dependencies ?? []).map(({ stackName }) => stackName.replace('prod-', '')).sort();

  test('data stands on the network and on nothing else; the network on nothing but the gate', () => {
    expect(needs('network')).toEqual(['gate']);
    expect(needs('data')).toEqual(['network']);
  });

  test('dependencies point from what came later to what was there', () => {
    // What holds data comes first, also what a later phase brings.
    const stores = ['federation', 'shards', 'tables', 'async'].filter((stack) => named.has(`prod-${stack}`));
    const logins = number >= 1 ? ['logins'] : [];
    expect(needs('app')).toEqual(['data', 'network', ...logins, ...stores].sort());
    expect(stores.length > 0).toBe(number >= 5);
    expect(needs('edge-global')).toEqual(named.has('prod-edge-global') ? ['gate'] : []);
    for (const stack of needs('edge')) expect(['app', 'data', 'edge-global', 'network']).toContain(stack);
  });

  test('stacks come in the order in which they can be deployed', () => {
    const order = stacks.map(({ stackName }) => stackName);
    for (const [index, stack] of stacks.entries()) {
      for (const { stackName } of stack.dependencies) expect(order.slice(0, index)).toContain(stackName);
    }
  });

  test('the stacks of data, and no others, are protected from termination', () => {
    const guarded = stacks.filter(({ terminationProtection }) => terminationProtection);
    const holding = stacks.filter(({ stackName }) => HOLDS_DATA.test(stackName));
    expect(guarded.map(({ stackName }) => stackName)).toEqual(holding.map(({ stackName }) => stackName));
  });

  test('everything is in the region of the environment but what CloudFront wants in us-east-1', () => {
    for (const { stackName, region } of stacks) {
      expect(region).toBe(stackName.endsWith('-global') ? 'us-east-1' : 'eu-west-1');
    }
    expect(named.has('prod-edge-global')).toBe(number >= 2);
  });

  test('every stack bears the name of the environment, as a tag too', () => {
    for (const stack of stacks) expect(stack.tags.tagValues()).toEqual({ 'beamstalk:environment': 'prod' });
  });
});

describe('the public name', () => {
  const records = (phase: PhaseNumber, overrides: Context = {}) =>
    all(
      synthesise('prod', phase, { ...WITH_DOMAIN, ...overrides })['prod-edge'] ?? EMPTY,
      'AWS::Route53::RecordSet',
    ).filter(({ properties }) => properties['Name'] === 'app.example.com.');

  test.each(['http', 'sockets'])('with %s is one record in every phase, changed in place', (ingress) => {
    const addresses = PHASES.map(({ number }) =>
      records(number, { ingress }).filter(({ properties }) => properties['Type'] === 'A'),
    );
    expect(addresses.map((found) => found.length)).toEqual(PHASES.map(() => 1));
    expect(new Set(addresses.map(([found]) => found?.id)).size).toBe(1);
  });

  test('is the address of the box in phases 0 and 1, for a minute', () => {
    for (const phase of [0, 1] as const) {
      const [record] = records(phase);
      expect(record?.properties).toMatchObject({ TTL: '60', HostedZoneId: WITH_DOMAIN['domain.hostedZoneId'] });
      expect(record?.properties['ResourceRecords']).toHaveLength(1);
    }
  });

  test('is CloudFront from phase 2, over IPv6 too, and the load balancer with sockets', () => {
    for (const phase of [2, 3] as const) {
      const target = (overrides: Context) =>
        records(phase, overrides).map(({ properties }) => [
          properties['Type'],
          JSON.stringify(properties['AliasTarget'].DNSName),
        ]);
      expect(target({})).toEqual(['A', 'AAAA'].map((type) => [type, expect.stringContaining('DeliveryDistribution')]));
      expect(target({ ingress: 'sockets' })).toEqual(
        ['A', 'AAAA'].map((type) => [type, expect.stringContaining('PublicSockets')]),
      );
    }
  });

  test('has a certificate where CloudFront looks for it and one where the load balancer does', () => {
    const certified = (overrides: Context) =>
      Object.entries(synthesise('prod', 2, { ...WITH_DOMAIN, ...overrides }))
        .filter(([, template]) => all(template, 'AWS::CertificateManager::Certificate').length > 0)
        .map(([stack]) => stack)
        .sort();
    expect(certified({})).toEqual(['prod-app', 'prod-edge-global']);
    // With sockets the nodes hold their own.
    expect(certified({ ingress: 'sockets' })).toEqual([]);
  });

  test('needs no stack of its own when there is none before CloudFront', () => {
    expect(Object.keys(synthesise('prod', 1))).toEqual([
      'prod-gate',
      'prod-network',
      'prod-data',
      'prod-logins',
      'prod-app',
    ]);
  });
});
