import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../lib/architecture/architecture';
import { architectureOf } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { INTERFACE_ENDPOINTS } from '../../lib/config/schema';
import { endpointNames, type NodeService, SERVICE_ENDPOINTS, type ServiceEndpoint } from '../../lib/facts/endpoints';
import type { NodeRole } from '../../lib/node/blueprint';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { bootSteps } from '../../lib/node/boot-steps';

const PHASES = [0, 1, 2, 3, 4, 5, 6] as const;
const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'mx-central-1', 'cn-north-1'];

const WITHOUT = { 'network.egress': 'none', 'delivery.mode': 'blue-green', 'operations.goldenImages': 'none' };

function architecture(context: Readonly<Record<string, unknown>>): Architecture {
  const edge = { 'edge.originPrefixList': 'pl-0123456789abcdef0' };
  return architectureOf(readConfiguration({ context: { ...edge, ...context }, directory: CONFIGURATION_DIRECTORY }));
}

/** The scripts that run on a node with these steps: those of the steps, what they share, and the programs they name. */
function scriptsOf(steps: readonly string[]): string[] {
  const found = new Set<string>();
  const add = (name: string): void => {
    const path = join(BOOT_DIRECTORY, name);
    if (found.has(path) || !existsSync(path)) return;
    found.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, program] of text.matchAll(/files\/bin\/([a-z-]+\.sh)/g)) add(`files/bin/${program}`);
    for (const [, unit] of text.matchAll(/install_unit ([a-z-]+\.service)/g)) add(`files/systemd/${unit}`);
  };
  for (const name of [
    'boot.sh',
    'lib.sh',
    'os.sh',
    'aws.sh',
    'parameters.sh',
    ...steps.map((step) => `steps/${step}.sh`),
  ])
    add(name);
  return [...found];
}

/** What the scripts of private nodes call, read from the scripts; and what their agents call, as AWS documents it. */
function called({ app, web, async, cluster }: Architecture): { service: NodeService; plainOnly: boolean }[] {
  const roles = [...(app ? ['app'] : []), ...(web ? ['web'] : []), ...(async ? ['worker'] : [])] as NodeRole[];
  const steps = roles.flatMap((role) =>
    bootSteps({
      ...{ role, reports: true, warm: role === 'app' },
      ...{ pressure: async !== undefined, cluster: cluster !== undefined },
    }),
  );
  if (roles.length === 0) return [];
  const text = scriptsOf([...new Set(steps)])
    .map((path) => readFileSync(path, 'utf8').replace(/^\s*#.*$/gm, ''))
    .join('\n');
  // What a dual-stack name may be given to: the command line by the one function, the CloudWatch agent by its file.
  const scripts = [...text.matchAll(/(?<![\w/'"-])(?:aws|reachable) ([a-z][a-z0-9-]*)[ )]/g)].map((match) => match[1]);
  return [
    ...[...new Set(scripts)].map((service) => ({ service: service as NodeService, plainOnly: false })),
    ...(['ssm', 'ssmmessages'] as const).map((service) => ({ service, plainOnly: true })),
  ];
}

describe.each(REGIONS)('without a way out for IPv4 in %s', (region) => {
  test.each(PHASES)('phase %i has an endpoint for each service that IPv6 does not reach, and no other', (phase) => {
    const built = architecture({ ...WITHOUT, region, phase });
    const byIpv6 = new Set<string>();
    const byGateway = new Set<string>();
    const byEndpoint = new Set<string>();
    for (const { service, plainOnly } of called(built)) {
      const entry: ServiceEndpoint = SERVICE_ENDPOINTS[service];
      const names = endpointNames(service, region);
      const usable = plainOnly ? names.filter(({ kind }) => kind === 'plain') : names;
      const label = entry.label ?? service;
      if (entry.gateway) byGateway.add(label);
      else if (usable.some(({ answersIpv6 }) => answersIpv6)) byIpv6.add(label);
      else byEndpoint.add(label);
    }
    expect(built.network.interfaceEndpoints).toEqual([...byEndpoint].sort());
    if (phase >= 2) {
      expect(built.network.interfaceEndpoints).toEqual(
        expect.arrayContaining(['cloudformation', 'ssm', 'ssmmessages']),
      );
      expect([...byGateway]).toEqual(['s3']);
      expect([...byIpv6]).toContain('secretsmanager');
    }
    expect(built.network.interfaceEndpoints.includes('logs')).toBe(phase >= 2);
  });
});

test('a way out for IPv4 needs no endpoints, and those of the configuration are kept', () => {
  for (const egress of ['instance', 'gateway']) {
    expect(architecture({ phase: 6, 'network.egress': egress }).network.interfaceEndpoints).toEqual([]);
  }
  const kept = architecture({ ...WITHOUT, phase: 2, 'network.interfaceEndpoints': 'sqs,ssm' }).network
    .interfaceEndpoints;
  expect(kept).toEqual(['cloudformation', 'logs', 'sqs', 'ssm', 'ssmmessages']);
});

test('every endpoint that is made by itself may be asked for too', () => {
  const made = REGIONS.flatMap((region) => architecture({ ...WITHOUT, region, phase: 6 }).network.interfaceEndpoints);
  expect(INTERFACE_ENDPOINTS).toEqual(expect.arrayContaining([...new Set(made)]));
});
