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
