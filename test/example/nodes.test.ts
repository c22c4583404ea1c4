import { request } from 'node:http';
import { createConnection } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certified, certify } from './authority';
import { type Cache, startCache } from './cache';
import { type Database, startDatabase } from './database';
import { type Environment, run, until } from './machine';
import { json, migrate, type Node, startNode, status } from './release';
import { connect, type WebSocketClient } from './websocket';

let database: Database;
let cache: Cache;
let certified: Certified;
let one: Node;
let two: Node;

beforeAll(async () => {
  certified = certify('localhost');
  [database, cache] = await Promise.all([startDatabase(certified), startCache(certified)]);
  const environment = {
    ...{ DATABASE_URL: database.url(), DATABASE_SSL: 'true', DATABASE_CA_FILE: certified.authority },
    ...cache.environment,
  };
  await migrate(environment);
  [one, two] = await Promise.all([startNode(environment), startNode(environment)]);
});

afterAll(async () => {
  await Promise.all([one.stop(), two.stop()]);
  await Promise.all([database.stop(), cache.stop()]);
});

/** Visits with the cookie of the visit before. */
async function visit(url: string, cookie = ''): Promise<{ readonly body: unknown; readonly cookie: string }> {
  const answer = await fetch(`${url}/session`, { headers: { cookie } });
  return { body: await answer.json(), cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

describe('sessions', () => {
  test('are the same on every node, and the store knows no cookie', async () => {
    await until('the cache', async () => (await status(`${one.url}/session`)) === 200);
    const first = await visit(one.url);
    expect(first.body).toEqual({ visits: 1, kept: 'in the cache' });
    const second = await visit(two.url, first.cookie);
    expect(second).toEqual({ body: { visits: 2, kept: 'in the cache' }, cookie: first.cookie });
    const id = first.cookie.split('=')[1] ?? '';
    const keys = await cache.keys();
    expect(keys).toContainEqual(expect.stringMatching(/^session:/));
    expect(keys.join('\n')).not.toContain(id);
  });

  test('come back after the cache has', async () => {
    await cache.stop();
    expect(await status(`${one.url}/session`)).toBe(503);
    expect(await status(`${one.url}/`)).toBe(200);
    await cache.start();
    await until('sessions', async () => (await status(`${one.url}/session`)) === 200);
  });

  test('are kept by no cache of another authority', async () => {
    const other = { ...cache.environment, CACHE_CA_FILE: certify('localhost').authority };
    const node = await startNode(other);
    expect(await status(`${node.url}/session`)).toBe(503);
    const { lines } = await node.stop();
    expect(lines.join('\n')).toMatch(/level=warning msg="cache localhost: .*unknown_ca/);
  });

  test('are kept on the node where there is no cache', async () => {
    const node = await startNode({});
    const first = await visit(node.url);
    expect((await visit(node.url, first.cookie)).body).toEqual({ visits: 2, kept: 'on this node' });
    await node.stop();
  });
});

test('a client that sends a byte now and then is cut', async () => {
  const socket = createConnection(Number(new URL(one.url).port), '127.0.0.1');
  const began = Date.now();
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (data: string) => {
      text += data;
    });
    socket.on('error', () => undefined).once('close', () => resolve(text));
  });
  const drip = setInterval(() => socket.write('G'), 500);
  expect(await answer).toMatch(/^HTTP\/1.1 408 .*connection: close/s);
  clearInterval(drip);
  expect((Date.now() - began) / 1000).toBeGreaterThan(9);
});

test('nodes that are joined tell each other of the counter', async () => {
  expect(await json(`${one.url}/nodes`)).toEqual({ node: one.name, members: [one.name] });
  const joined = await one.program('/release/bin/counter', 'rpc', `Node.connect(:"${two.name}")`);
  expect(joined).toEqual({ code: 0, lines: [] });
  await until('members', async () => ((await json(`${two.url}/nodes`))['members'] as string[]).length === 2);

  const socket = await connect(one.url);
  socket.send('hello');
  await socket.heard('hello');
  const { counter } = await json(`${two.url}/counter`, { method: 'POST' });
  await socket.heard(`{"counter":${counter}}`);
});

describe('a node that cannot start says why in one line', () => {
  const server = (environment: Environment) =>
    run('beamstalk', { HOME: '/home/beamstalk', RELEASE_DISTRIBUTION: 'none', ...environment }, [
      '/release/bin/server',
    ]);

  test('settings that are wrong', async () => {
    const { code, lines } = await server({ PORT: 'http', POOL_SIZE: '0' });
    expect(code).toBe(1);
    expect(lines).toEqual([
      'counter: PORT is "http"; expected a number from 1 to 65535; POOL_SIZE is "0"; expected a number from 1 to 500',
    ]);
  });

  test('a port that another one has', async () => {
    const port = new URL(one.url).port;
    expect(await server({ PORT: port })).toEqual({ code: 1, lines: [`counter: port ${port}: address already in use`] });
  });
});

describe('the end of a node', () => {
  const sockets = (node: Node, count: number): Promise<WebSocketClient[]> =>
    Promise.all(Array.from({ length: count }, () => connect(node.url)));

  test('bin/drain closes WebSockets at its rate with 1001, and the load balancer hears of it', async () => {
    const node = await startNode({});
    const open = await sockets(node, 40);
    const drained = node.program('/release/bin/drain', '20');
    await until('draining', async () => (await json(`${node.url}/health`))['status'] === 'draining');
    await expect(connect(node.url)).rejects.toThrow('no upgrade: 503');
    expect((await drained).code).toBe(0);
    await until('all closed', () => open.every((socket) => socket.closed() !== undefined));
    const ends = open.flatMap((socket) => socket.closed() ?? []);
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1001]));
    const seconds = (Math.max(...ends.map(({ at }) => at)) - Math.min(...ends.map(({ at }) => at))) / 1000;
    // The first at once, the others at 20 a second, in a machine that may be busy.
    expect(seconds).toBeGreaterThan(1.6);
    expect(seconds).toBeLessThan(8);
    await node.stop();
  });

  test.each([[[]], [['0']], [['fast']]])('bin/drain %j is a misuse', async (words) => {
    const { code, lines } = await one.program('/release/bin/drain', ...words);
    expect(code).toBe(2);
    expect(lines).toEqual(['usage: drain RATE (connections per second, 1 or more)']);
  });

  test('SIGTERM lets a request under way end, closes WebSockets with 1001, and ends with 0', async () => {
    const node = await startNode({});
    const [socket] = await sockets(node, 1);
    const answer = new Promise<string>((resolve, reject) => {
      const slow = request(`${node.url}/jobs`, { method: 'POST', headers: { 'content-length': 2 } }, (response) => {
        response.resume().once('end', () => resolve(`${response.statusCode} ${response.headers.connection}`));
      }).once('error', reject);
      slow.write('1');
      setTimeout(() => slow.end('2'), 1_500);
    });
    await pause(300);
    const ended = node.stop();
    await until(
      'refused',
      async () =>
        !(await fetch(node.url).then(
          () => true,
          () => false,
        )),
    );
    expect(await answer).toBe('503 close');
    expect((await ended).code).toBe(0);
    expect(socket?.closed()?.code).toBe(1001);
  });
});
