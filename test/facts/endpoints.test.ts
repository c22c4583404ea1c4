import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { describe, expect, test } from 'vitest';
import { endpointNames, type NodeService, SERVICE_ENDPOINTS } from '../../lib/facts/endpoints';
import { projectPath } from '../../lib/facts/project-path';
import { REGIONS } from '../../lib/facts/regions';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { CALLED_BY_SCRIPTS } from '../../lib/node/endpoint-list';
import { natUserData } from '../../lib/node/nat-user-data';
import { userData } from '../../lib/node/user-data';

const SERVICES = Object.keys(SERVICE_ENDPOINTS) as NodeService[];

describe('the table of endpoints', () => {
  test.each(REGIONS.map((region) => [region]))('has the suffix of the partition in %s', (region) => {
    const suffix = RegionInfo.get(region).domainSuffix;
    for (const service of SERVICES) {
      const names = endpointNames(service, region).map(({ name }) => name);
      expect(names).toContainEqual(expect.stringMatching(new RegExp(`^[a-z0-9-]+\\.${region}\\.${suffix}$`)));
    }
  });

  test.each(SERVICES.map((service) => [service]))('%s names the page and the day', (service) => {
    expect(SERVICE_ENDPOINTS[service].source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/\S+ \(2026-\d\d-\d\d\)$/);
  });

  test('prefers a name that answers over both protocols, but the gateway endpoint to all', () => {
    expect(endpointNames('ec2', 'eu-west-1').map(({ name }) => name)).toEqual([
      'ec2.eu-west-1.api.aws',
      'ec2.eu-west-1.amazonaws.com',
    ]);
    expect(endpointNames('s3', 'eu-west-1').map(({ name }) => name)).toEqual([
      's3.eu-west-1.amazonaws.com',
      's3.dualstack.eu-west-1.amazonaws.com',
    ]);
  });

  test('has no name where no page lists one', () => {
    const newer = (service: NodeService, region: string) =>
      endpointNames(service, region).some(({ kind }) => kind === 'dual-stack');
    expect(newer('cloudformation', 'us-east-1')).toBe(false);
    expect(newer('secretsmanager', 'us-east-1')).toBe(false);
    expect(newer('ec2', 'mx-central-1')).toBe(false);
    expect(newer('ssm', 'cn-north-1')).toBe(false);
  });
});

describe('every script of a node', () => {
  const files = readdirSync(BOOT_DIRECTORY, { recursive: true, encoding: 'utf8' }).filter((name) => /\.sh$/.test(name));
  const scripts = new Map(files.map((name) => [name, readFileSync(join(BOOT_DIRECTORY, name), 'utf8')]));
  const props = { region: 'eu-west-1', stackName: 's' };
  scripts.set('NAT', natUserData({ ...props, networkInterfaceId: 'eni-1', groupLogicalId: 'g' }));
  for (const image of ['amazon-linux-2023', 'debian-13'] as const) {
    const of = {
      ...props,
      image,
      bundleUrl: 's3://b/k.zip',
      environment: 'dev',
      role: 'app',
      fleetLogicalId: 'f',
    } as const;
    scripts.set(`user data of ${image}`, userData(of));
  }
  /** Commands only: no comment, and nothing of what is said. */
  const commands = (text: string): string =>
    text
      .split('\n')
      .filter((line) => !/^\s*#/.test(line))
      .join('\n');
  const calls = (text: string): string[] =>
    [...commands(text).matchAll(/(?<![\w/'"-])aws ([a-z][a-z0-9-]*) /g)].map((match) => match[1] ?? '');

  test('calls the services of the list, and no others', () => {
    const called = new Set([...scripts.values()].flatMap(calls));
    expect([...called].sort()).toEqual([...CALLED_BY_SCRIPTS].sort());
  });

  test.each([...scripts].map(([name, text]) => [name, text]))('%s goes through the one function', (_name, text) => {
    // By any of these the program would be found instead.
    expect(commands(text)).not.toMatch(/\b(timeout|xargs|exec|env|nice|sudo|nohup|runuser)\b[^|\n]* aws\b/);
    expect(commands(text).replace(/.*command aws "\$@" \|\| return.*/g, '')).not.toMatch(/command aws |bin\/aws\b/);
    expect(text.match(/AWS_USE_DUALSTACK_ENDPOINT/g) ?? []).toHaveLength(/signal_stack\(\) \{/.test(text) ? 1 : 0);
  });

  test.each(['NAT', 'user data of debian-13'])('%s knows an endpoint for each service that it calls', (name) => {
    const text = scripts.get(name) ?? '';
    for (const service of new Set(calls(text))) {
      for (const { name: host, kind } of endpointNames(service as NodeService, 'eu-west-1')) {
        expect(text).toContain(`${service} ${host} ${kind}\n`.trimEnd());
      }
    }
  });

  test('no other file forces one kind of endpoint', () => {
    const folders = ['lib', 'config', 'bin', 'scripts', 'lambda'].map((name) => projectPath(name));
    const forcing = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .filter((path) => /USE_DUALSTACK_ENDPOINT|use_?dualstack_?endpoint/i.test(readFileSync(path, 'utf8')))
        .map((path) => path.slice(projectPath('lib').length - 3)),
    );
    expect(forcing.sort()).toEqual(['lib/facts/endpoints.ts', 'lib/node/agent-config.ts', 'lib/node/boot/aws.sh']);
  });
});
