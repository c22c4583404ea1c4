import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BoundaryReport, boundaries } from '../../../lib/commands/boundary';
import type { Load, Met } from '../../../lib/commands/boundary/load';
import { loadTest } from '../../../lib/commands/boundary/load-test';
import type { Bring } from '../../../lib/commands/boundary/locust';
import { boundaryInWords } from '../../../lib/commands/boundary/text';
import { OperatorError } from '../../../lib/commands/environment/operator-error';
import { readLoadTest } from '../../../lib/commands/size/load-test';
import { readConfiguration } from '../../../lib/config/configuration';
import { DeployedEnvironment } from '../../peers/deployed-environment';

// The command as a whole, with a load generator of which it is known what it brings.

const directory = join(import.meta.dirname, '..', '..', '..', 'config');
const objective = { p99Ms: 500, failedShare: 0.01 };
let aws: DeployedEnvironment;
let server: Server;
let url: string;

beforeAll(async () => {
  aws = await DeployedEnvironment.start();
  server = createServer((_, answer) => answer.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  aws.put('ingress/domain', '127.0.0.1');
  aws.put('climb/state', '{"phase":5,"from":4}');
});
afterAll(async () => {
  await aws.stop();
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
});
beforeEach(() => {
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  })) {
    vi.stubEnv(name, value);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  aws.nodes.splice(0);
  for (const name of Object.keys(aws.refused)) delete aws.refused[name];
  aws.onScript = () => undefined;
});

/** A system that carries 128 requests at once, of which each is answered in a tenth of a second. */
const met = (load: Load): Met => ({
  ...{ load, perSecond: 10 * load.attempts, visited: load.attempts, failedShare: 0, lateShare: 0, halted: 0 },
  ...{ p99Ms: load.attempts > 128 ? 501 : 100, opened: load.connections, lost: 0, breathless: false },
});

function report(bring: Bring = async (load, during) => during?.().then(() => met(load)) ?? met(load)) {
  return boundaries({
    ...{ environment: 'prod', directory, targets: { url }, objective, seconds: 1, limit: 2_000 },
    ...{ generator: async () => bring, say: () => undefined, pause: async () => undefined },
  });
}

const words = (of: BoundaryReport): string[] => boundaryInWords(of).split('\n');

describe('the load test of one node', () => {
  test('shares the load among the nodes that served', async () => {
    for (const _ of [1, 2]) aws.add('app');
    const { nodes, loadTest } = await report();
    expect(nodes).toEqual({ answer: 2 });
    expect(loadTest).toMatchObject({ answer: { steps: expect.arrayContaining([{ concurrency: 8, perSecond: 80 }]) } });
  });

  test('is none while the box and the fleet serve at once: the address leads to one of them', async () => {
    aws.add('box');
    aws.add('app');
    const unknown =
      'the box and the app fleet are both in service, and which of them the address leads to is not known';
    expect(await report()).toMatchObject({ nodes: { unknown }, loadTest: { unknown } });
  });

  test('is none when AWS does not say which nodes serve: it would be that of a fleet', async () => {
    for (const _ of [1, 2]) aws.add('app');
    aws.refused['DescribeAutoScalingGroups'] = 'AccessDenied';
    const told = await report();
    expect(told.attempts).toMatchObject({ most: 128 });
    expect(told).toMatchObject({ nodes: { unknown: expect.any(String) }, loadTest: { unknown: expect.any(String) } });
    expect(words(told)).toContainEqual(expect.stringMatching(/^prod, nodes not known, as/));
    expect(words(told)).toContainEqual(
      expect.stringMatching(/^no load test of one node: which nodes serve is not known: .*list the fleets/),
    );
  });

  test('is none when no node is in service', async () => {
    expect((await report()).loadTest).toEqual({ unknown: 'no node is in service' });
  });

  test('leaves out what is less than one user on each node', async () => {
    for (let count = 0; count < 20; count++) aws.add('app');
    const all = await report();
    expect(all.attempts).toMatchObject({ most: 128 });
    const one = all.loadTest;
    if (!('answer' in one)) throw new Error(one.unknown);
    const file = join(mkdtempSync(join(tmpdir(), 'beamstalk-boundary-')), 'load-test.json');
    writeFileSync(file, JSON.stringify(one.answer));
    // 16 users are none of these.
    expect(readLoadTest(file).steps[0]?.concurrency).toBe(32 / 20);
    rmSync(dirname(file), { recursive: true });
  });

  test('is none when too few steps are left then', () => {
    const steps = [16, 32, 64, 128].map((attempts) => met({ connections: 0, attempts, seconds: 1 }));
    const of = (nodes: number) => loadTest(steps, { instanceType: 'c7i.xlarge', nodes, objective });
    expect(of(16)).toHaveProperty('answer');
    expect(of(17)).toEqual({
      unknown: 'it takes 4 steps of requests with a user on each node at least, and there are 3',
    });
  });

  test('is of the type that nodes are, whatever the configuration says', async () => {
    for (const _ of [1, 2]) aws.add('app').instanceType = 'm7i.xlarge';
    expect(readConfiguration({ context: { env: 'prod' }, directory }).app.instanceType).not.toBe('m7i.xlarge');
    expect((await report()).loadTest).toMatchObject({ answer: { instanceType: 'm7i.xlarge' } });
  });

  test.each([
    [['c7i.xlarge', 'm7i.xlarge'], 'the nodes are not of one type: c7i.xlarge, m7i.xlarge'],
    [['c7i.xlarge', undefined], 'the nodes are not of one type: c7i.xlarge, not known'],
    [[undefined], 'AWS does not say of which type the nodes are'],
    [['z9.large'], 'the nodes are z9.large, which is no type of lib/facts/instances.json'],
  ])('is none of nodes of %j', async (types, unknown) => {
    for (const type of types) aws.add('app').instanceType = type;
    expect((await report()).loadTest).toEqual({ unknown });
  });

  test('is none when a node was replaced meanwhile', async () => {
    const { id } = aws.add('app');
    let other = '';
    const told = await report(async (load, during) => {
      if (load.attempts === 64 && other === '') {
        aws.remove(id);
        other = aws.add('app').id;
      }
      await during?.();
      return met(load);
    });
    expect(told.loadTest).toEqual({
      unknown: `other nodes served at the end (${other}) than at the beginning (${id})`,
    });
  });

  test('is none when other nodes serve at the end', async () => {
    const { id } = aws.add('app');
    let other = '';
    const told = await report(async (load, during) => {
      if (load.attempts === 64 && aws.nodes.length === 1) other = aws.add('app').id;
      await during?.();
      return met(load);
    });
    expect(told.loadTest).toEqual({
      unknown: `other nodes served at the end (${id}, ${other}) than at the beginning (${id})`,
    });
  });
});

describe('what the nodes say', () => {
  test('is asked while the load is there', async () => {
    aws.add('app');
    const order: string[] = [];
    aws.onScript = () => order.push('asked');
    await report(async (load, during) => {
      if (during === undefined) return met(load);
      order.push(`C ${load.attempts} there`);
      await during();
      order.push('gone');
      return met(load);
    });
    expect(order).toEqual(['C 128 there', 'asked', 'gone']);
  });

  test('is not known when that load does not come again, and what was found stays', async () => {
    const { id } = aws.add('app');
    const told = await report(async (load, during) => {
      if (during) throw new OperatorError('the load generator did not end well: it said nothing');
      return met(load);
    });
    expect(told.attempts).toMatchObject({ most: 128 });
    expect(told.loadTest).toHaveProperty('answer');
    const why =
      'the load that was carried could not be brought again: the load generator did not end well: it said nothing';
    expect(told.says).toEqual([{ id, load: { unknown: why } }]);
    expect((await report(async (load) => met(load))).says).toEqual([
      { id, load: { unknown: 'the load that was carried did not come again' } },
    ]);
  });

  test('an interruption is none of that', async () => {
    aws.add('app');
    const interrupted = Object.assign(new Error('interrupted'), { name: 'AbortError' });
    await expect(
      report(async (load, during) => {
        if (during) throw interrupted;
        return met(load);
      }),
    ).rejects.toBe(interrupted);
  });
});
