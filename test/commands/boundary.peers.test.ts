import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BoundaryReport } from '../../lib/commands/boundary';
import { locust } from '../../lib/commands/boundary/locust';
import { readLoadTest } from '../../lib/commands/size/load-test';
import { aws, folder, publish, run, useEngine } from './operating-bench';

useEngine();

/** Load of the server: connections that are open, and requests that are under way. */
const CONNECTIONS = 18;
const REQUESTS = 200;
const REQUEST_MS = 20;

/** On a busy machine an answer may take its time. */
const PATIENT = ['--p99', '10000', '--seconds', '2'];

let server: Server;
let at: string;
let open = 0;
let most = 0;
let followed = 0;

beforeAll(async () => {
  let busy = 0;
  server = createServer(({ url }, answer) => {
    if (url === '/elsewhere') {
      answer.writeHead(302, { location: '/followed' }).end();
      return;
    }
    if (url === '/followed') followed++;
    if (busy >= REQUESTS) {
      answer.writeHead(503).end();
      return;
    }
    busy++;
    setTimeout(() => {
      busy--;
      answer.end('hello');
    }, REQUEST_MS);
  }).on('upgrade', ({ headers }, stream) => {
    stream.on('error', () => undefined).on('end', () => stream.end());
    if (open >= CONNECTIONS) {
      stream.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
      return;
    }
    open++;
    most = Math.max(most, open);
    stream.on('close', () => open--).resume();
    const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    stream.write(`${[...lines, `Sec-WebSocket-Accept: ${accept.digest('base64')}`].join('\r\n')}\r\n\r\n`);
    // An empty text, as some servers send it to keep a connection.
    stream.write(Buffer.from([0x81, 0]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await publish('ingress/domain', '127.0.0.1');
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

test('the limit of a server is found to the number', { timeout: 600_000 }, async () => {
  aws.add('app', 'none');
  const words = ['boundary', '--socket', `ws://${at}/socket`, ...PATIENT, '--most', '20', '--json'];
  const { status, stdout, stderr } = await run(words);
  expect([stderr, status]).toEqual(['', 0]);
  const report = JSON.parse(stdout) as BoundaryReport;
  expect(report.connections).toMatchObject({ most: CONNECTIONS, least: CONNECTIONS + 1 });
  expect(most).toBe(CONNECTIONS);
  expect(report.nodes).toEqual({ answer: 1 });
  // The stand-in for a node has no `node.conf`.
  expect(report.limiting).toBe('not known: no node says how much of it is taken');
});

test('both kinds of users come at once, and follow nobody elsewhere', { timeout: 120_000 }, async () => {
  const targets = { url: `http://${at}/elsewhere`, socket: `ws://${at}/socket` };
  const load = { connections: CONNECTIONS, attempts: 5, seconds: 2.0005 };
  const objective = { p99Ms: 10_000, failedShare: 0.01 };
  const bring = await locust(targets, { objective, signal: new AbortController().signal });
  // A redirect is no answer of the system that is measured.
  const told = { load, opened: CONNECTIONS, lost: 0, visited: 5, failedShare: 1, perSecond: 0, failure: 'code=302' };
  expect(await bring(load)).toMatchObject(told);
  expect(followed).toBe(0);
});

test('a load test is written, which size reads; nobody is left', { timeout: 600_000 }, async () => {
  aws.add('app');
  const file = join(folder.path, 'load-test.json');
  const words = ['boundary', '--url', `http://${at}/`, ...PATIENT, '--most', '100', '--write', file];
  const { status, stdout, stderr } = await run(words);
  expect([stderr, status]).toEqual(['', 0]);
  expect(stdout).toMatch(/^C, attempts at once: at least 100, the most that was tried$/m);
  expect(readLoadTest(file).steps.map(({ concurrency }) => concurrency)).toEqual([16, 32, 64, 100]);
  expect(open).toBe(0);
});

test.each([
  ['--url', 'http://localhost:1/', /^beamstalk: --url is .*localhost is no address of prod; expected 127\.0\.0\.1/],
  ['--url', 'http://127.0.0.1:1/', /^beamstalk: --url http:\/\/127\.0\.0\.1:1\/ is not reachable from here/],
])('%s %s is refused with one message, and leaves no file', async (flag, target, message) => {
  const file = join(folder.path, 'refused.json');
  const { status, stdout, stderr } = await run(['boundary', flag, target, '--write', file]);
  expect(existsSync(file)).toBe(false);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect([status, stdout]).toEqual([1, '']);
});

test('a target that fails with sixteen users is refused', { timeout: 120_000 }, async () => {
  const words = ['boundary', '--url', `http://${at}/`, '--p99', '1', '--seconds', '1'];
  const { status, stderr } = await run(words);
  expect(stderr).toMatch(/^beamstalk: --url: it fails with C 16, \d+ answers a second already: 99 of 100 requests/);
  expect(status).toBe(1);
});
