import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMinistack } from '../gate-deployment/ministack';
import { Children } from '../rehearsal/children';
import { certify } from './authority';
import { type Database, startDatabase } from './database';
import { type InstanceMetadata, startInstanceMetadata } from './instance-metadata';
import { folder, ROOT, until } from './machine';
import { json, migrate, type Node, startNode, status } from './release';

const children = new Children();
let database: Database;
let metadata: InstanceMetadata;
let s3: S3Client;
let sqs: SQSClient;
let queue: string;
let app: Node;
let worker: Node;
let drainFile: string;
/** Words that the worker has said to `beamstalk-protect`. */
let said: () => string[];

beforeAll(async () => {
  const certified = certify('localhost');
  const [endpoint, peer, instance] = await Promise.all([
    startMinistack(children),
    startDatabase(certified),
    startInstanceMetadata(),
  ]);
  database = peer;
  metadata = instance;
  const client = { endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  s3 = new S3Client({ ...client, forcePathStyle: true });
  sqs = new SQSClient(client);
  await s3.send(new CreateBucketCommand({ Bucket: 'uploads' }));
  const created = await sqs.send(
    new CreateQueueCommand({
      QueueName: 'jobs',
      Attributes: { VisibilityTimeout: '3', ReceiveMessageWaitTimeSeconds: '20' },
    }),
  );
  queue = created.QueueUrl ?? '';

  const { inside, outside } = folder();
  chmodSync(outside, 0o777);
  drainFile = join(outside, 'drain');
  const log = join(outside, 'said');
  said = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
  mkdirSync(join(ROOT, 'usr/local/bin'), { recursive: true });
  const program = join(ROOT, 'usr/local/bin/beamstalk-protect');
  writeFileSync(program, `#!/bin/sh\n[ ! -e ${inside}/ending ] || exit 1\necho "$1" >> ${inside}/said\n`);
  chmodSync(program, 0o755);

  const environment = {
    ...{ DATABASE_URL: database.url(), DATABASE_SSL: 'true', DATABASE_CA_FILE: certified.authority },
    ...{ AWS_ENDPOINT_URL: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint },
    ...{ UPLOADS_BUCKET: 'uploads', QUEUE_JOBS_URL: queue },
  };
  await migrate(environment);
  const asWorker = { BEAMSTALK_ROLE: 'worker', BEAMSTALK_JOB_QUEUES: 'jobs', BEAMSTALK_JOBS_AT_ONCE: '4' };
  [app, worker] = await Promise.all([
    startNode({ ...environment, BEAMSTALK_ROLE: 'app' }),
    startNode({ ...environment, ...asWorker, BEAMSTALK_DRAIN_FILE: `${inside}/drain` }),
  ]);
});

afterAll(async () => {
  await Promise.all([app.stop(), worker.stop()]);
  await database.stop();
  metadata.stop();
  await children.stopAll();
});

const counter = async (): Promise<number> => Number((await json(`${app.url}/counter`))['counter']);
const put = (name: string, body: string | Uint8Array<ArrayBuffer>): Promise<number> =>
  status(`${app.url}/uploads/${name}`, { method: 'PUT', body, headers: { 'content-type': 'text/x-test' } });

test('an upload is in the bucket, by the role of the instance', async () => {
  const body = new Uint8Array(1_000_000).map((_, index) => index % 251);
  expect(await put('a-b_c.txt', body)).toBe(201);
  const object = await s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'uploads/a-b_c.txt' }));
  expect(object.ContentType).toBe('text/x-test');
  expect(Buffer.compare(Buffer.from((await object.Body?.transformToByteArray()) ?? []), Buffer.from(body))).toBe(0);
  await put('again.txt', 'x');
  // Once at most for each node's own calls, and once for its look for peers: they are kept until shortly before they end.
  expect(metadata.asked()).toBeLessThanOrEqual(4);
});

test('an upload with another name, or too large, is refused', async () => {
  expect(await put('..%2Fetc', 'x')).toBe(400);
  expect(await put('a/b', 'x')).toBe(400);
  expect(await put('large', new Uint8Array(8 * 1024 * 1024 + 1))).toBe(413);
});

test('jobs are done by the worker, which says that it works, and are gone', async () => {
  const before = await counter();
  const statuses = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((number) => status(`${app.url}/jobs`, { method: 'POST', body: String(number) })),
  );
  expect(new Set(statuses)).toEqual(new Set([202]));
  await until('the sum', async () => (await counter()) === before + 21);
  expect(said()).toEqual(['on']);
  await until('an empty queue', async () => (await left()) === 0);
});

test('a job that comes twice counts once, and what is none of ours stays', async () => {
  const before = await counter();
  const send = (body: unknown) =>
    sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: JSON.stringify(body) }));
  await send({ kind: 'unknown', id: 'x', payload: {} });
  await send({
    kind: 'upload',
    id: 'v1',
    payload: { bucket: { name: 'uploads' }, object: { key: 'uploads/a', size: 1 } },
  });
  for (const id of ['same', 'same', 'other']) await send({ kind: 'add', id, payload: { number: 100 } });
  await until('both', async () => (await counter()) === before + 200);
  await pause(500);
  expect(await counter()).toBe(before + 200);
  expect(await left()).toBe(1);
});

test('what is no number is no job', async () => {
  for (const body of ['', '0', '1.5', 'a', '1001']) {
    expect(await status(`${app.url}/jobs`, { method: 'POST', body })).toBe(400);
  }
});

test('a node that is to end leaves jobs to others', async () => {
  writeFileSync(drainFile, 'ending');
  const before = await counter();
  expect(await status(`${app.url}/jobs`, { method: 'POST', body: '7' })).toBe(202);
  await pause(3_000);
  expect(await counter()).toBe(before);
  rmSync(drainFile);
  await until('the job', async () => (await counter()) === before + 7);
});

async function left(): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}
