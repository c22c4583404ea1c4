import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startMinistack } from '../../test/gate-deployment/ministack';
import { BundledFunction } from '../../test/peers/bundled-function';
import { startDynamoDb } from '../../test/peers/dynamodb';
import { type FaultyPeer, withFaults } from '../../test/peers/faults';
import type { Peer } from '../../test/peers/peer';
import { createQueue, deliver, deliverAll, receiveAll, type TestQueueProps } from '../../test/peers/queue-mapping';
import { startSqs } from '../../test/peers/sqs';
import { Children } from '../../test/rehearsal/children';

// The worker as bundled, fed from a real queue; its jobs post to a receiver that can be told to fail. What Lambda's event
// source mapping does stands in test/peers/queue-mapping.ts.

const TABLE = 'idempotency';
const SECRET = 'hunter2-and-nothing-else';

/** Who gets the webhooks: the ids that came, and what it answers to each of them, in turn; 200 after that. */
const receiver = { ids: [] as string[], answers: new Map<string, (number | 'hang')[]>() };
const receiverServer = createServer((request, response) => {
  const id = String(request.headers['idempotency-key']);
  receiver.ids.push(id);
  const answer = receiver.answers.get(id)?.shift() ?? 200;
  request.resume();
  if (answer !== 'hang') response.writeHead(answer).end();
});

const peers: Peer[] = [];
const children = new Children();
let sqs: SQSClient;
let tables: DynamoDBClient;
let throttled: FaultyPeer;
let mail: { endpoint: string };
let worker: BundledFunction;
/** The queue's name for the worker, which belongs to the key of what is done: so each test begins with nothing done. */
let queueName: string;

beforeAll(async () => {
  const [dynamoDb, queues, ministack] = await Promise.all([startDynamoDb(), startSqs(), startMinistack(children)]);
  throttled = await withFaults(dynamoDb);
  mail = { endpoint: ministack };
  peers.push(throttled, dynamoDb, queues);
  sqs = new SQSClient(queues);
  tables = new DynamoDBClient(dynamoDb);
  await tables.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  await new Promise<void>((listening) => receiverServer.listen(0, '127.0.0.1', listening));
});

afterAll(async () => {
  receiverServer.closeAllConnections();
  receiverServer.close();
  for (const peer of peers) await peer.stop();
  await children.stopAll();
});

beforeEach(() => {
  queueName = `jobs-${randomUUID()}`;
  worker = newWorker();
});

afterEach(async () => {
  await worker.end();
  receiver.ids = [];
  receiver.answers.clear();
  throttled.fail('', '', 0);
});

describe('a batch', () => {
  test('with one failure: that job alone is delivered again', async () => {
    const queue = await newQueue();
    receiver.answers.set('bad', [500]);
    await send(queue.url, webhook('good'), webhook('bad'), webhook('fine'));
    const [first, second, ...rest] = await deliverAll(sqs, queue.url, worker);
    expect(first?.bodies).toHaveLength(3);
    expect(first?.failed).toEqual([webhook('bad')]);
    expect(second).toEqual({ bodies: [webhook('bad')], failed: [] });
    expect(rest).toEqual([]);
    expect([...receiver.ids].sort()).toEqual(['bad', 'bad', 'fine', 'good']);
    expect(await receiveAll(sqs, queue.deadLetters)).toEqual([]);
  });

  test('of failures only is no failure of the function', async () => {
    const queue = await newQueue();
    receiver.answers.set('bad', [500]);
    await send(queue.url, webhook('bad'));
    expect((await deliver(sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(logged('job failed')).toMatchObject([{ reason: 'the receiver answered 500', received: 1, id: 'bad' }]);
  });

  test('that runs out of time is answered before the time-out, with what is not done', async () => {
    const queue = await newQueue();
    await worker.end();
    worker = newWorker({ milliseconds: 3000 });
    receiver.answers.set('slow', ['hang']);
    await send(queue.url, webhook('slow'), webhook('quick'));
    expect((await deliver(sqs, queue.url, worker)).failed).toEqual([webhook('slow')]);
    expect(worker.output).not.toContain('timed out');
    await deliverAll(sqs, queue.url, worker);
    expect([...receiver.ids].sort()).toEqual(['quick', 'slow', 'slow']);
  });
});

describe('a poison message reaches the dead-letter queue after its last try', () => {
  test.each([
    ['no JSON', `{"kind": ${SECRET}`, 'the body is not a JSON object'],
    ['an unknown kind', job('rocket.launch', 'r1', { secret: SECRET }), /^unknown kind: .*mail\.send/],
    ['no id', JSON.stringify({ kind: 'mail.send', payload: { secret: SECRET } }), /no id/],
    ['a payload that its job refuses', job('mail.send', 'm1', { text: SECRET }), /no recipient/],
  ])('%s', async (_, poison, reason) => {
    const queue = await newQueue({ maxReceives: 2 });
    await send(queue.url, poison, webhook('other'));
    const batches = await deliverAll(sqs, queue.url, worker);
    expect(batches.flatMap(({ bodies }) => bodies).filter((body) => body === poison)).toHaveLength(2);
    expect(await receiveAll(sqs, queue.deadLetters)).toEqual([poison]);
    expect(receiver.ids).toEqual(['other']);
    expect(logged('job failed')).toMatchObject([
      { level: 'ERROR', received: 1, reason: expect.stringMatching(reason) },
      { level: 'ERROR', received: 2, reason: expect.stringMatching(reason) },
    ]);
    expect(worker.output).not.toContain(SECRET);
  });
});

describe('a job is done once', () => {
  test('however often it is sent', async () => {
    const queue = await newQueue();
    await send(queue.url, webhook('once'));
    await deliverAll(sqs, queue.url, worker);
    await send(queue.url, webhook('once'), webhook('once'));
    const [again] = await deliverAll(sqs, queue.url, worker);
    expect(again?.failed).toEqual([]);
    expect(receiver.ids).toEqual(['once']);
  });

  test('when it is delivered again after it was done, to a function that has restarted', async () => {
    const queue = await newQueue();
    await send(queue.url, webhook('once'));
    const answerLost = { invoke: (event: unknown) => worker.invoke(event).then(() => Promise.reject()) };
    await deliver(sqs, queue.url, answerLost);
    await worker.end();
    const [again] = await deliverAll(sqs, queue.url, worker);
    expect(again).toEqual({ bodies: [webhook('once')], failed: [] });
    expect(receiver.ids).toEqual(['once']);
  });

  test('when it is under way elsewhere: reported as a failure, so that it is delivered again', async () => {
    const queue = await newQueue();
    const other = newWorker({ milliseconds: 2500 });
    receiver.answers.set('busy', ['hang']);
    await send(queue.url, webhook('busy'));
    const underWay = deliver(sqs, queue.url, other);
    await expect.poll(() => receiver.ids, { timeout: 5000 }).toEqual(['busy']);
    await send(queue.url, webhook('busy'));
    expect((await deliver(sqs, queue.url, worker)).failed).toEqual([webhook('busy')]);
    expect(receiver.ids).toEqual(['busy']);
    expect((await underWay).failed).toEqual([webhook('busy')]);
    await deliverAll(sqs, queue.url, worker);
    expect(receiver.ids).toEqual(['busy', 'busy']);
    await other.end();
  });

  test('again when the function was cut off in the middle of it', async () => {
    const queue = await newQueue({ maxReceives: 10 });
    const doomed = newWorker({ milliseconds: 2500 });
    receiver.answers.set('cut', ['hang']);
    await send(queue.url, webhook('cut'));
    const cut = deliver(sqs, queue.url, doomed);
    await expect.poll(() => receiver.ids, { timeout: 5000 }).toEqual(['cut']);
    await doomed.end();
    expect((await cut).failed).toEqual([webhook('cut')]);
    await deliverAll(sqs, queue.url, worker);
    expect(receiver.ids).toEqual(['cut', 'cut']);
  });

  test('and another payload under its name does not pass for it', async () => {
    const queue = await newQueue({ maxReceives: 2 });
    await send(queue.url, webhook('name'));
    await deliverAll(sqs, queue.url, worker);
    const other = webhook('name', { other: true });
    await send(queue.url, other);
    await deliverAll(sqs, queue.url, worker);
    expect(await receiveAll(sqs, queue.deadLetters)).toEqual([other]);
    expect(receiver.ids).toEqual(['name']);
  });

  test('per kind and queue, and remembered for 14 days', async () => {
    const queue = await newQueue();
    const other = newWorker({ queue: 'another-queue' });
    await send(queue.url, webhook('same'));
    await deliverAll(sqs, queue.url, worker);
    await send(queue.url, webhook('same'));
    await deliverAll(sqs, queue.url, other);
    expect(receiver.ids).toEqual(['same', 'same']);
    const { Items = [] } = await tables.send(new ScanCommand({ TableName: TABLE, ConsistentRead: true }));
    const record = Items.find(({ id }) => id?.S?.startsWith('another-queue#'));
    const days = (Number(record?.['expiration']?.N) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(13.9);
    expect(days).toBeLessThan(14.1);
    await other.end();
  });
});

test('a failure in a group of a FIFO queue holds its followers back, and no other group', async () => {
  const queue = await newQueue({ fifo: true, maxReceives: 5 });
  receiver.answers.set('a2', [500, 500]);
  for (const id of ['a1', 'a2', 'b1', 'a3', 'b2']) await sendInGroup(queue.url, webhook(id), id.slice(0, 1));
  await deliverAll(sqs, queue.url, worker);
  expect(receiver.ids.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a2', 'a2', 'a3']);
  expect(receiver.ids.filter((id) => id.startsWith('b'))).toEqual(['b1', 'b2']);
  // The other group was not held up by the second and third try.
  expect(receiver.ids.indexOf('b2')).toBeLessThan(receiver.ids.lastIndexOf('a2'));
  expect(await receiveAll(sqs, queue.deadLetters)).toEqual([]);
});

test('a poison message of a FIFO queue makes way for its followers, one job at a time', async () => {
  const queue = await newQueue({ fifo: true, maxReceives: 2 });
  const poison = job('rocket.launch', 'r2', {});
  for (const body of [webhook('c1'), poison, webhook('c2')]) await sendInGroup(queue.url, body, 'c');
  await deliverAll(sqs, queue.url, worker, 1);
  expect(receiver.ids).toEqual(['c1', 'c2']);
  expect(await receiveAll(sqs, queue.deadLetters)).toEqual([poison]);
});

describe('when DynamoDB throttles', () => {
  test('for a moment, the job is done in the first delivery', async () => {
    const queue = await newQueue();
    throttled.fail('PutItem', 'ProvisionedThroughputExceededException', 2);
    await send(queue.url, webhook('brief'));
    expect(await deliverAll(sqs, queue.url, worker)).toHaveLength(1);
    expect(receiver.ids).toEqual(['brief']);
  });

  test('for long, the job is not begun, and done when it is delivered again', async () => {
    const queue = await newQueue();
    throttled.fail('PutItem', 'ProvisionedThroughputExceededException', Number.POSITIVE_INFINITY);
    await send(queue.url, webhook('long'));
    expect((await deliver(sqs, queue.url, worker)).failed).toEqual([webhook('long')]);
    expect(receiver.ids).toEqual([]);
    expect(logged('job failed')).toMatchObject([{ cause: { error: 'ProvisionedThroughputExceededException' } }]);
    throttled.fail('', '', 0);
    await deliverAll(sqs, queue.url, worker);
    expect(receiver.ids).toEqual(['long']);
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
    ['a name that leads to loopback', 'https://localhost:1/'],
    ['credentials in the address', `https://user:${SECRET}@example.com/`],
  ])('to %s is refused', async (_, url) => {
    const queue = await newQueue();
    await send(queue.url, job('webhook.deliver', randomUUID(), { url, body: SECRET }));
    expect((await deliver(sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(logged('job failed')).toMatchObject([{ error: 'JobError', reason: expect.stringMatching(/^url: /) }]);
    expect(worker.output).not.toContain(SECRET);
  });

  test('is given up after its own time-out', async () => {
    const queue = await newQueue();
    receiver.answers.set('still', ['hang']);
    await send(queue.url, job('webhook.deliver', 'still', { url: receiverUrl(), timeoutMilliseconds: 200 }));
    const start = Date.now();
    expect((await deliver(sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(Date.now() - start).toBeLessThan(5000);
    expect(logged('job failed')).toMatchObject([{ reason: 'the receiver did not answer in time' }]);
  });

  test('follows no redirect', async () => {
    const queue = await newQueue();
    receiver.answers.set('moved', [307]);
    await send(queue.url, webhook('moved'));
    expect((await deliver(sqs, queue.url, worker)).failed).toHaveLength(1);
    expect(receiver.ids).toEqual(['moved']);
  });
});

test('a mail goes out by SES', async () => {
  const ses = new SESv2Client({
    ...mail,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: 'shop@example.com' }));
  const queue = await newQueue();
  const letter = { from: 'shop@example.com', to: ['ada@example.com'], subject: 'Your order', text: SECRET };
  await send(queue.url, job('mail.send', 'order-1', letter));
  expect(await deliverAll(sqs, queue.url, worker)).toHaveLength(1);
  const sent = await (await fetch(`${mail.endpoint}/_ministack/ses/messages`)).text();
  expect(sent).toContain('ada@example.com');
  expect(sent).toContain('Your order');
  expect(worker.output).not.toContain(SECRET);
});

function newWorker({ milliseconds = 10_000, queue = queueName } = {}): BundledFunction {
  return new BundledFunction('job-worker', {
    services: { DYNAMODB: throttled, SESV2: mail },
    milliseconds,
    environment: {
      ENVIRONMENT: 'test',
      QUEUE: queue,
      IDEMPOTENCY_TABLE: TABLE,
      POWERTOOLS_SERVICE_NAME: `${queue}-worker`,
      WEBHOOK_ALLOWED_HOSTS: new URL(receiverUrl()).host,
    },
  });
}

function newQueue(props?: TestQueueProps) {
  return createQueue(sqs, `jobs-${randomUUID()}`, props);
}

function receiverUrl(): string {
  return `http://localhost:${(receiverServer.address() as AddressInfo).port}/hook`;
}

function job(kind: string, id: string, payload: unknown): string {
  return JSON.stringify({ kind, id, payload });
}

function webhook(id: string, body: unknown = { secret: SECRET }): string {
  return job('webhook.deliver', id, { url: receiverUrl(), body });
}

async function send(QueueUrl: string, ...bodies: readonly string[]): Promise<void> {
  for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

async function sendInGroup(QueueUrl: string, MessageBody: string, MessageGroupId: string): Promise<void> {
  const MessageDeduplicationId = randomUUID();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId }));
}

function logged(message: string): unknown[] {
  return worker.log.filter((line) => line['message'] === message);
}
