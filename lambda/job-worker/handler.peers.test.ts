import { randomUUID } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateEmailIdentityCommand } from '@aws-sdk/client-sesv2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BundledFunction } from '../../test/peers/bundled-function';
import { deliver, deliverAll, receiveAll } from '../../test/peers/queue-mapping';
import { job, SECRET, TABLE, WorkerBench } from '../../test/peers/worker-bench';

// The worker as bundled, fed from a real queue; its jobs post to a receiver that can be told to fail. What Lambda's event
// source mapping does stands in test/peers/queue-mapping.ts.

let bench: WorkerBench;
let worker: BundledFunction;

beforeAll(async () => {
  bench = await WorkerBench.start();
});

afterAll(() => bench.stop());

beforeEach(() => {
  bench.begin();
  worker = bench.newWorker();
});

afterEach(() => worker.end());

describe('a batch', () => {
  test('with one failure: that job alone is delivered again', async () => {
    const queue = await bench.newQueue();
    bench.receiver.answers.set('bad', [500]);
    await bench.send(queue.url, bench.webhook('good'), bench.webhook('bad'), bench.webhook('fine'));
    const [first, second, ...rest] = await deliverAll(bench.sqs, queue.url, worker);
    expect(first?.bodies).toHaveLength(3);
    expect(first?.failed).toEqual([bench.webhook('bad')]);
    expect(second).toEqual({ bodies: [bench.webhook('bad')], failed: [] });
    expect(rest).toEqual([]);
    expect([...bench.receiver.ids].sort()).toEqual(['bad', 'bad', 'fine', 'good']);
    expect(await receiveAll(bench.sqs, queue.deadLetters)).toEqual([]);
  });

  test('of failures only is no failure of the function', async () => {
    const queue = await bench.newQueue();
    bench.receiver.answers.set('bad', [500]);
    await bench.send(queue.url, bench.webhook('bad'));
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(logged('job failed')).toMatchObject([{ reason: 'the receiver answered 500', received: 1, id: 'bad' }]);
  });

  test('that runs out of time is answered before the time-out, with what is not done', async () => {
    const queue = await bench.newQueue();
    await worker.end();
    worker = bench.newWorker({ milliseconds: 3000 });
    bench.receiver.answers.set('slow', ['hang']);
    await bench.send(queue.url, bench.webhook('slow'), bench.webhook('quick'));
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toEqual([bench.webhook('slow')]);
    expect(worker.output).not.toContain('timed out');
    await deliverAll(bench.sqs, queue.url, worker);
    expect([...bench.receiver.ids].sort()).toEqual(['quick', 'slow', 'slow']);
  });
});

describe('a poison message reaches the dead-letter queue after its last try', () => {
  test.each([
    ['no JSON', `{"kind": ${SECRET}`, 'the body is not a JSON object'],
    ['an unknown kind', job('rocket.launch', 'r1', { secret: SECRET }), /^unknown kind: .*mail\.send/],
    ['no id', JSON.stringify({ kind: 'mail.send', payload: { secret: SECRET } }), /no id/],
    ['a payload that its job refuses', job('mail.send', 'm1', { text: SECRET }), /no recipient/],
  ])('%s', async (_, poison, reason) => {
    const queue = await bench.newQueue({ maxReceives: 2 });
    await bench.send(queue.url, poison, bench.webhook('other'));
    const batches = await deliverAll(bench.sqs, queue.url, worker);
    expect(batches.flatMap(({ bodies }) => bodies).filter((body) => body === poison)).toHaveLength(2);
    expect(await receiveAll(bench.sqs, queue.deadLetters)).toEqual([poison]);
    expect(bench.receiver.ids).toEqual(['other']);
    expect(logged('job failed')).toMatchObject([
      { level: 'ERROR', received: 1, reason: expect.stringMatching(reason) },
      { level: 'ERROR', received: 2, reason: expect.stringMatching(reason) },
    ]);
    expect(worker.output).not.toContain(SECRET);
  });
});

describe('a job is done once', () => {
  test('however often it is sent', async () => {
    const queue = await bench.newQueue();
    await bench.send(queue.url, bench.webhook('once'));
    await deliverAll(bench.sqs, queue.url, worker);
    await bench.send(queue.url, bench.webhook('once'), bench.webhook('once'));
    const [again] = await deliverAll(bench.sqs, queue.url, worker);
    expect(again?.failed).toEqual([]);
    expect(bench.receiver.ids).toEqual(['once']);
  });

  test('when it is delivered again after it was done, to a function that has restarted', async () => {
    const queue = await bench.newQueue();
    await bench.send(queue.url, bench.webhook('once'));
    const answerLost = { invoke: (event: unknown) => worker.invoke(event).then(() => Promise.reject()) };
    await deliver(bench.sqs, queue.url, answerLost);
    await worker.end();
    const [again] = await deliverAll(bench.sqs, queue.url, worker);
    expect(again).toEqual({ bodies: [bench.webhook('once')], failed: [] });
    expect(bench.receiver.ids).toEqual(['once']);
  });

  test('when it is under way elsewhere: reported as a failure, so that it is delivered again', async () => {
    const queue = await bench.newQueue();
    const other = bench.newWorker({ milliseconds: 2500 });
    bench.receiver.answers.set('busy', ['hang']);
    await bench.send(queue.url, bench.webhook('busy'));
    const underWay = deliver(bench.sqs, queue.url, other);
    await expect.poll(() => bench.receiver.ids, { timeout: 5000 }).toEqual(['busy']);
    await bench.send(queue.url, bench.webhook('busy'));
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toEqual([bench.webhook('busy')]);
    expect(bench.receiver.ids).toEqual(['busy']);
    expect((await underWay).failed).toEqual([bench.webhook('busy')]);
    await deliverAll(bench.sqs, queue.url, worker);
    expect(bench.receiver.ids).toEqual(['busy', 'busy']);
    await other.end();
  });

  test('again when the function was cut off in the middle of it', async () => {
    const queue = await bench.newQueue({ maxReceives: 10 });
    const doomed = bench.newWorker({ milliseconds: 2500 });
    bench.receiver.answers.set('cut', ['hang']);
    await bench.send(queue.url, bench.webhook('cut'));
    const cut = deliver(bench.sqs, queue.url, doomed);
    await expect.poll(() => bench.receiver.ids, { timeout: 5000 }).toEqual(['cut']);
    await doomed.end();
    expect((await cut).failed).toEqual([bench.webhook('cut')]);
    await deliverAll(bench.sqs, queue.url, worker);
    expect(bench.receiver.ids).toEqual(['cut', 'cut']);
  });

  test('and another payload under its name does not pass for it', async () => {
    const queue = await bench.newQueue({ maxReceives: 2 });
    await bench.send(queue.url, bench.webhook('name'));
    await deliverAll(bench.sqs, queue.url, worker);
    const other = bench.webhook('name', { other: true });
    await bench.send(queue.url, other);
    await deliverAll(bench.sqs, queue.url, worker);
    expect(await receiveAll(bench.sqs, queue.deadLetters)).toEqual([other]);
    expect(bench.receiver.ids).toEqual(['name']);
  });

  test('per kind and queue, and remembered for 14 days', async () => {
    const queue = await bench.newQueue();
    const other = bench.newWorker({ queue: 'another-queue' });
    await bench.send(queue.url, bench.webhook('same'));
    await deliverAll(bench.sqs, queue.url, worker);
    await bench.send(queue.url, bench.webhook('same'));
    await deliverAll(bench.sqs, queue.url, other);
    expect(bench.receiver.ids).toEqual(['same', 'same']);
    const { Items = [] } = await bench.tables.send(new ScanCommand({ TableName: TABLE, ConsistentRead: true }));
    const record = Items.find(({ id }) => id?.S?.startsWith('another-queue#'));
    const days = (Number(record?.['expiration']?.N) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(13.9);
    expect(days).toBeLessThan(14.1);
    await other.end();
  });
});

test('a failure in a group of a FIFO queue holds its followers back, and no other group', async () => {
  const queue = await bench.newQueue({ fifo: true, maxReceives: 5 });
  bench.receiver.answers.set('a2', [500, 500]);
  for (const id of ['a1', 'a2', 'b1', 'a3', 'b2'])
    await bench.sendInGroup(queue.url, bench.webhook(id), id.slice(0, 1));
  await deliverAll(bench.sqs, queue.url, worker);
  expect(bench.receiver.ids.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a2', 'a2', 'a3']);
  expect(bench.receiver.ids.filter((id) => id.startsWith('b'))).toEqual(['b1', 'b2']);
  // The other group was not held up by the second and third try.
  expect(bench.receiver.ids.indexOf('b2')).toBeLessThan(bench.receiver.ids.lastIndexOf('a2'));
  expect(await receiveAll(bench.sqs, queue.deadLetters)).toEqual([]);
});

test('a poison message of a FIFO queue makes way for its followers, one job at a time', async () => {
  const queue = await bench.newQueue({ fifo: true, maxReceives: 2 });
  const poison = job('rocket.launch', 'r2', {});
  for (const body of [bench.webhook('c1'), poison, bench.webhook('c2')]) await bench.sendInGroup(queue.url, body, 'c');
  await deliverAll(bench.sqs, queue.url, worker, 1);
  expect(bench.receiver.ids).toEqual(['c1', 'c2']);
  expect(await receiveAll(bench.sqs, queue.deadLetters)).toEqual([poison]);
});

describe('when DynamoDB throttles', () => {
  test('for a moment, the job is done in the first delivery', async () => {
    const queue = await bench.newQueue();
    bench.throttled.fail('PutItem', 'ProvisionedThroughputExceededException', 2);
    await bench.send(queue.url, bench.webhook('brief'));
    expect(await deliverAll(bench.sqs, queue.url, worker)).toHaveLength(1);
    expect(bench.receiver.ids).toEqual(['brief']);
  });

  test('for long, the job is not begun, and done when it is delivered again', async () => {
    const queue = await bench.newQueue();
    bench.throttled.fail('PutItem', 'ProvisionedThroughputExceededException', Number.POSITIVE_INFINITY);
    await bench.send(queue.url, bench.webhook('long'));
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toEqual([bench.webhook('long')]);
    expect(bench.receiver.ids).toEqual([]);
    expect(logged('job failed')).toMatchObject([{ cause: { error: 'ProvisionedThroughputExceededException' } }]);
    bench.throttled.fail('', '', 0);
    await deliverAll(bench.sqs, queue.url, worker);
    expect(bench.receiver.ids).toEqual(['long']);
  });
});

describe('a webhook', () => {
  test.each([
    ['http', 'http://example.com/'],
    ['a loopback address', 'https://127.0.0.1:1/'],
    ['a loopback address in disguise', 'https://0x7f.1:1/'],
    ['a loopback address of IPv6', 'https://[::1]:1/'],
    ['a mapped address', 'https://[::ffff:169.254.169.254]/'],
    ['the instance metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['credentials in the address', `https://user:${SECRET}@example.com/`],
  ])('to %s is refused', async (_, url) => {
    const queue = await bench.newQueue();
    await bench.send(queue.url, job('webhook.deliver', randomUUID(), { url, body: SECRET }));
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(logged('job failed')).toMatchObject([{ error: 'JobError', reason: expect.stringMatching(/^url: /) }]);
    expect(worker.output).not.toContain(SECRET);
  });

  // Addresses of a name are tried in hostile-receiver.peers.test.ts, with a server of names.
  test('to the name of this machine fails, whether a server of names knows it or not', async () => {
    const queue = await bench.newQueue();
    await bench.send(queue.url, job('webhook.deliver', randomUUID(), { url: 'https://localhost:1/', body: SECRET }));
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(logged('job failed')).toMatchObject([{ reason: expect.stringMatching(/^url: .* not public$|^ENOTFOUND$/) }]);
    expect(worker.output).not.toContain(SECRET);
  });

  test('is given up after its own time-out', async () => {
    const queue = await bench.newQueue();
    bench.receiver.answers.set('still', ['hang']);
    await bench.send(queue.url, job('webhook.deliver', 'still', { url: bench.receiver.url, timeoutMilliseconds: 200 }));
    const start = Date.now();
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(Date.now() - start).toBeLessThan(5000);
    expect(logged('job failed')).toMatchObject([{ reason: 'the receiver did not answer in time' }]);
  });

  test('follows no redirect', async () => {
    const queue = await bench.newQueue();
    bench.receiver.answers.set('moved', [307]);
    await bench.send(queue.url, bench.webhook('moved'));
    expect((await deliver(bench.sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(bench.receiver.ids).toEqual(['moved']);
  });
});

test('the id of a job is one header of one request, word for word, or the job is refused', async () => {
  const refused = ['a\r\nX-Evil: 1', 'a\nb', ' a', 'a ', 'é', 'a\0b', 'a\x7f', 'x'.repeat(257), ''];
  const taken = ['a: b; c="d", e', '%0d%0aX-Evil: 1', '${id} `id` \\r\\n', "'; DROP TABLE jobs --", 'x'.repeat(256)];
  const queue = await bench.newQueue({ maxReceives: 1 });
  await bench.send(queue.url, ...[...refused, ...taken].map((id) => bench.webhook(id)));
  await deliverAll(bench.sqs, queue.url, worker);
  expect([...bench.receiver.ids].sort()).toEqual([...taken].sort());
  expect((await receiveAll(bench.sqs, queue.deadLetters)).sort()).toEqual(
    refused.map((id) => bench.webhook(id)).sort(),
  );
  const lines = worker.output.split('\n').filter(Boolean);
  expect(lines.filter((line) => !line.startsWith('{') || !line.endsWith('}'))).toEqual([]);
});

test('a mail goes out by SES', async () => {
  await bench.ses.send(new CreateEmailIdentityCommand({ EmailIdentity: 'shop@example.com' }));
  const queue = await bench.newQueue();
  const letter = { from: 'shop@example.com', to: ['ada@example.com'], subject: 'Your order', text: SECRET };
  await bench.send(queue.url, job('mail.send', 'order-1', letter));
  expect(await deliverAll(bench.sqs, queue.url, worker)).toHaveLength(1);
  const sent = await (await fetch(`${bench.mail.endpoint}/_ministack/ses/messages`)).text();
  expect(sent).toContain('ada@example.com');
  expect(sent).toContain('Your order');
  expect(worker.output).not.toContain(SECRET);
});

function logged(message: string): unknown[] {
  return worker.log.filter((line) => line['message'] === message);
}
