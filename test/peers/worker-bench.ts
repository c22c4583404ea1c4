import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startMinistack } from '../gate-deployment/ministack';
import { Children } from '../rehearsal/children';
import { BundledFunction } from './bundled-function';
import { startDynamoDb } from './dynamodb';
import { type FaultyPeer, withFaults } from './faults';
import { MailReceiver } from './mail-receiver';
import { createQueue, type TestQueue, type TestQueueProps } from './queue-mapping';
import { startSqs } from './sqs';

/** Table of the jobs that are done. */
export const TABLE = 'idempotency';

/** What no log may hold. */
export const SECRET = 'hunter2-and-nothing-else';

/** Who gets the webhooks. */
export interface Receiver {
  readonly url: string;
  /** The ids that came. */
  ids: string[];
  /** What it answers to each of them, in turn; 200 after that. */
  readonly answers: Map<string, (number | 'hang')[]>;
  readonly stop: () => void;
}

/** All that the job worker talks to: a table, queues, a mail service and a receiver of webhooks. */
export class WorkerBench {
  /** The queue's name for the worker, which belongs to the key of what is done: so each test begins with nothing done. */
  private queueName = '';

  private constructor(
    readonly sqs: SQSClient,
    readonly tables: DynamoDBClient,
    readonly throttled: FaultyPeer,
    readonly mail: { readonly endpoint: string },
    /** Server that the mail service sends to. */
    readonly mailbox: MailReceiver,
    readonly receiver: Receiver,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<WorkerBench> {
    const children = new Children();
    const mailbox = await MailReceiver.start();
    const [dynamoDb, queues, ministack] = await Promise.all([
      startDynamoDb(),
      startSqs(),
      startMinistack(children, mailbox.host),
    ]);
    const throttled = await withFaults(dynamoDb);
    const tables = new DynamoDBClient(dynamoDb);
    await tables.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    const receiver = await startReceiver();
    return new WorkerBench(
      new SQSClient(queues),
      tables,
      throttled,
      { endpoint: ministack },
      mailbox,
      receiver,
      async () => {
        receiver.stop();
        for (const peer of [throttled, dynamoDb, queues]) await peer.stop();
        await children.stopAll();
        await mailbox.stop();
      },
    );
  }

  /** The mail service, for a test. */
  get ses(): SESv2Client {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    return new SESv2Client({ ...this.mail, region: 'us-east-1', credentials });
  }

  /** Before each test: nothing is done, nothing fails, and nothing has come to the receiver. */
  begin(): void {
    this.queueName = `jobs-${randomUUID()}`;
    this.receiver.ids = [];
    this.receiver.answers.clear();
    this.throttled.fail('', '', 0);
  }

  newWorker({
    milliseconds = 10_000,
    queue = this.queueName,
    hosts = [] as readonly string[],
    nameServer = undefined as string | undefined,
  } = {}): BundledFunction {
    return new BundledFunction('job-worker', {
      services: { DYNAMODB: this.throttled, SESV2: this.mail },
      milliseconds,
      ...(nameServer !== undefined && { nameServer }),
      environment: {
        ENVIRONMENT: 'test',
        QUEUE: queue,
        IDEMPOTENCY_TABLE: TABLE,
        POWERTOOLS_SERVICE_NAME: `${queue}-worker`,
        WEBHOOK_ALLOWED_HOSTS: [new URL(this.receiver.url).host, ...hosts].join(','),
      },
    });
  }

  newQueue(props?: TestQueueProps): Promise<TestQueue> {
    return createQueue(this.sqs, `jobs-${randomUUID()}`, props);
  }

  /** A job for the receiver. */
  webhook(id: string, body: unknown = { secret: SECRET }): string {
    return job('webhook.deliver', id, { url: this.receiver.url, body });
  }

  async send(QueueUrl: string, ...bodies: readonly string[]): Promise<void> {
    for (const MessageBody of bodies) await this.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }

  async sendInGroup(QueueUrl: string, MessageBody: string, MessageGroupId: string): Promise<void> {
    const MessageDeduplicationId = randomUUID();
    await this.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId }));
  }
}

export function job(kind: string, id: string, payload: unknown): string {
  return JSON.stringify({ kind, id, payload });
}

async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const id = String(request.headers['idempotency-key']);
    receiver.ids.push(id);
    const answer = receiver.answers.get(id)?.shift() ?? 200;
    request.resume();
    if (answer !== 'hang') response.writeHead(answer).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const receiver: Receiver = {
    url: `http://localhost:${(server.address() as AddressInfo).port}/hook`,
    ids: [],
    answers: new Map(),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}
