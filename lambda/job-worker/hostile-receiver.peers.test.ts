import { createSocket as createDatagramSocket, type Socket as DatagramSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BundledFunction } from '../../test/peers/bundled-function';
import { deliver, deliverAll, receiveAll } from '../../test/peers/queue-mapping';
import { job, SECRET, WorkerBench } from '../../test/peers/worker-bench';

// Receivers that misbehave in every way HTTP knows, on raw sockets: each ending settles its own job, the other jobs of
// the batch are done, and the batch answers before the time-out of the function.

/** What the receiver does with the connection once the request has come. */
const ENDINGS: Readonly<Record<string, (socket: Socket) => void>> = {
  '101 Switching Protocols': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  '101 without an Upgrade header': (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  '101 and a close': (socket) => socket.end('HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
  'a close without a byte': (socket) => socket.end(),
  'a reset': (socket) => socket.resetAndDestroy(),
  'a close in the middle of the status line': (socket) => socket.end('HTTP/1.1 20'),
  'a close in the middle of the headers': (socket) => socket.end('HTTP/1.1 200 OK\r\nX-A: b\r\n'),
  'a reset in the middle of the headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX-A');
    setTimeout(() => socket.resetAndDestroy(), 50);
  },
  'no HTTP at all': (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  'endless informational answers': (socket) => repeat(socket, 'HTTP/1.1 102 Processing\r\n\r\n'),
  'endless headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    repeat(socket, `X-Endless: ${'x'.repeat(4000)}\r\n`);
  },
  'one byte now and then': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
    repeat(socket, 'x');
  },
  'two lengths': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  'status 0': (socket) => socket.end('HTTP/1.1 0 No\r\n\r\n'),
  'status 999': (socket) => socket.end('HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n'),
  silence: () => {},
};

function repeat(socket: Socket, text: string): void {
  const timer = setInterval(() => (socket.writable ? socket.write(text) : clearInterval(timer)), 20);
  socket.on('close', () => clearInterval(timer));
}

let bench: WorkerBench;
let worker: BundledFunction;
let server: Server;
let ending: (socket: Socket) => void = () => {};
let url: string;

beforeAll(async () => {
  bench = await WorkerBench.start();
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => ending(socket));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://localhost:${(server.address() as AddressInfo).port}/hook`;
});

afterAll(async () => {
  server.close();
  await bench.stop();
});

beforeEach(() => {
  bench.begin();
  worker = bench.newWorker({ milliseconds: 5000, hosts: [new URL(url).host] });
});

afterEach(() => worker.end());

describe('a receiver that answers a job with', () => {
  test.each(Object.keys(ENDINGS))('%s', async (name) => {
    ending = ENDINGS[name] ?? ending;
    const queue = await bench.newQueue({ maxReceives: 2 });
    const bad = job('webhook.deliver', 'bad', { url, body: SECRET, timeoutMilliseconds: 60_000 });
    const good = ['g1', 'g2', 'g3'].map((id) => bench.webhook(id));
    await bench.send(queue.url, bad, ...good);
    const first = await deliver(bench.sqs, queue.url, worker);
    expect(first.failed).toEqual([bad]);
    await deliverAll(bench.sqs, queue.url, worker);
    expect([...bench.receiver.ids].sort()).toEqual(['g1', 'g2', 'g3']);
    expect(await receiveAll(bench.sqs, queue.deadLetters)).toEqual([bad]);
    expect(worker.output).not.toContain('timed out');
    expect(worker.output).not.toContain(SECRET);
  });
});

// As root alone: the process has a server of names of its own, on the port that they all have.
describe.skipIf(process.getuid?.() !== 0)('a server of names', () => {
  const ADDRESS = '127.0.0.61';
  let names: DatagramSocket;
  let asked: string[];
  let answer: (name: string, type: number) => readonly number[] | 'nothing' | 'silence';

  beforeAll(async () => {
    names = createDatagramSocket('udp4').on('message', (query, { port, address }) => {
      const { name, type } = questionOf(query);
      asked.push(name);
      const given = answer(name, type);
      if (given !== 'silence') names.send(answerTo(query, given === 'nothing' ? undefined : given), port, address);
    });
    await new Promise<void>((bound) => names.bind(53, ADDRESS, bound));
  });
  afterAll(() => names.close());
  beforeEach(async () => {
    asked = [];
    await worker.end();
    worker = bench.newWorker({ milliseconds: 8000, hosts: [new URL(url).host], nameServer: ADDRESS });
  });

  const hook = (id: string, host: string): string =>
    job('webhook.deliver', id, { url: `https://${host}:8443/hook`, body: SECRET, timeoutMilliseconds: 3000 });

  test('that never answers for one sender keeps no other job of the batch from its receiver', async () => {
    answer = () => 'silence';
    const queue = await bench.newQueue({ maxReceives: 1 });
    const bad = ['b1', 'b2', 'b3', 'b4', 'b5', 'b6'].map((id) => hook(id, `${id}.tarpit.example`));
    // Their receiver has a name, which another thread has to look up.
    const good = ['g1', 'g2', 'g3'].map((id) => bench.webhook(id));
    await bench.send(queue.url, ...bad, ...good);
    const began = Date.now();
    const { failed } = await deliver(bench.sqs, queue.url, worker);
    expect(Date.now() - began).toBeLessThan(8000);
    expect([...failed].sort()).toEqual(bad);
    expect([...bench.receiver.ids].sort()).toEqual(['g1', 'g2', 'g3']);
    expect(new Set(asked.filter((name) => name.endsWith('.tarpit.example'))).size).toBe(bad.length);
  });

  test.each<[string, typeof answer, string]>([
    ['an address of the own network', (_, type) => (type === 1 ? [10, 0, 0, 1] : 'nothing'), 'not public'],
    ['the address of the credentials', (_, type) => (type === 1 ? [169, 254, 169, 254] : 'nothing'), 'not public'],
    ['itself by IPv6', (_, type) => (type === 28 ? [...Array(15).fill(0), 1] : 'nothing'), 'not public'],
    [
      'a public address and one of the own network',
      (_, type) => (type === 1 ? [8, 8, 8, 8] : [0xfd, ...Array(14).fill(0), 1]),
      'not public',
    ],
    ['nothing', () => 'nothing', 'ENODATA'],
  ])('that leads to %s leads a webhook nowhere', async (_, given, reason) => {
    answer = given;
    const queue = await bench.newQueue({ maxReceives: 1 });
    await bench.send(queue.url, hook('b', 'inside.example'));
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(JSON.stringify(worker.log)).toContain(reason);
    expect(asked).toContain('inside.example');
  });
});

/** The first question of a query: https://www.rfc-editor.org/rfc/rfc1035#section-4 */
function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** An answer with one address of the type that was asked for, or with none. */
function answerTo(query: Buffer, address: readonly number[] | undefined): Buffer {
  const { type, end } = questionOf(query);
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  for (const [index, count] of [1, address ? 1 : 0, 0, 0].entries()) header.writeUInt16BE(count, 4 + 2 * index);
  const record = address ? [0xc0, 12, type >> 8, type & 255, 0, 1, 0, 0, 0, 60, 0, address.length, ...address] : [];
  return Buffer.concat([header, query.subarray(12, end), Buffer.from(record)]);
}
