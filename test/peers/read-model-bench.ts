import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { StreamAnswer } from '../../lambda/read-model/handler';
import type { Feed, KeyAttribute, ReadModel } from '../../lambda/read-model/model';
import type { StreamRecord } from '../../lambda/read-model/stream-record';
import { BundledFunction } from './bundled-function';
import { startDynamoDb } from './dynamodb';
import { type FaultyPeer, withFaults } from './faults';
import type { Peer } from './peer';
import { createQueue, receiveAll } from './queue-mapping';
import { startSqs } from './sqs';
import { deliverStream, readStream, type StreamDelivery } from './stream-mapping';

// What the tests of the function share: it runs as bundled, fed from a real stream of DynamoDB Local; what Lambda's event source mapping
// does stands in stream-mapping.ts, and ElasticMQ is the failure queue. The source holds orders by id; one model holds them by
// customer, one by code.

export type Item = Record<string, AttributeValue>;

const peers: Peer[] = [];
export let throttled: FaultyPeer;
export let dynamoDb: DynamoDBClient;
export let streams: DynamoDBStreamsClient;
let queues: Peer;
export let sqs: SQSClient;
export let failures: string;
export let source: { readonly table: string; readonly stream: string };
export let byCustomer: ReadModel;
export let byCode: ReadModel;
export let feed: BundledFunction;

/** Starts the peers for the tests of a file, and gives each test tables and a function of its own. */
export function useReadModels(): void {
  beforeAll(async () => {
    const [peer, queuePeer] = await Promise.all([startDynamoDb(), startSqs()]);
    throttled = await withFaults(peer);
    queues = queuePeer;
    peers.push(throttled, peer, queues);
    sqs = new SQSClient(queues);
    dynamoDb = new DynamoDBClient(peer);
    streams = new DynamoDBStreamsClient(peer);
  });

  afterAll(async () => {
    for (const peer of peers.splice(0)) await peer.stop();
  });

  beforeEach(async () => {
    const name = randomUUID();
    source = { table: `${name}-orders`, stream: await create(`${name}-orders`, ['order_id', 'S']) };
    byCustomer = {
      table: `${name}-by-customer`,
      partitionKey: { name: 'customer', type: 'S' },
      sortKey: { name: 'order_id', type: 'S' },
    };
    byCode = { table: `${name}-by-code`, partitionKey: { name: 'code', type: 'N' } };
    await create(byCustomer.table, ['customer', 'S'], ['order_id', 'S']);
    await create(byCode.table, ['code', 'N']);
    failures = (await createQueue(sqs, `failures-${name}`)).url;
    feed = newFeed(byCustomer, byCode);
  });

  afterEach(async () => {
    await feed.end();
    throttled.fail('', '', 0);
  });
}

/** Has the function feed these models alone. */
export async function feedOnly(...models: readonly ReadModel[]): Promise<void> {
  await feed.end();
  feed = newFeed(...models);
}

function newFeed(...models: readonly ReadModel[]): BundledFunction {
  return new BundledFunction('read-model', {
    services: { DYNAMODB: throttled, SQS: queues },
    milliseconds: 5000,
    environment: {
      FEED: JSON.stringify(feedOf(models)),
      FAILURES: failures,
      POWERTOOLS_SERVICE_NAME: 'read-model',
    },
  });
}

function feedOf(models: readonly ReadModel[]): Feed {
  const written = ({ name, type }: KeyAttribute): string => `${name}:${type}`;
  return {
    source: source.table,
    models: models.map(({ table, partitionKey, sortKey }) => ({
      table,
      partitionKey: written(partitionKey),
      ...(sortKey && { sortKey: written(sortKey) }),
    })),
  };
}

/** What the failure queue holds. */
export async function told(): Promise<unknown[]> {
  return (await receiveAll(sqs, failures)).map((body) => JSON.parse(body) as unknown);
}

/** Changes of so many seconds ago. */
export function aged(records: readonly StreamRecord[], seconds: number): StreamRecord[] {
  const made = Math.floor(Date.now() / 1000) - seconds;
  return records.map((record) => ({
    ...record,
    dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: made },
  }));
}

type Key = readonly [name: string, type: 'S' | 'N'];

/** The address of its stream. */
async function create(TableName: string, partition: Key, sort?: Key): Promise<string> {
  const keys = sort ? [partition, sort] : [partition];
  const command = new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keys.map(([AttributeName], index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  return (await dynamoDb.send(command)).TableDescription?.LatestStreamArn ?? '';
}

export function order(id: string, customer: string, more: Item = {}): Item {
  return { order_id: { S: id }, ...(customer !== '' && { customer: { S: customer } }), ...more };
}

export function coded(id: string, code: number): Item {
  return { order_id: { S: id }, code: { N: String(code) } };
}

/** One transaction. */
export async function together(items: readonly Item[]): Promise<void> {
  if (items.length === 0) return;
  await dynamoDb.send(
    new TransactWriteItemsCommand({ TransactItems: items.map((Item) => ({ Put: { TableName: source.table, Item } })) }),
  );
}

export async function put(item: Item): Promise<void> {
  await dynamoDb.send(new PutItemCommand({ TableName: source.table, Item: item }));
}

export async function remove(id: string): Promise<void> {
  await dynamoDb.send(new DeleteItemCommand({ TableName: source.table, Key: { order_id: { S: id } } }));
}

/** Delivers all that the stream holds, from its beginning. */
export async function follow(): Promise<StreamDelivery> {
  return deliverStream(feed, await readStream(streams, source.stream));
}

export async function failuresOf(...records: readonly StreamRecord[]): Promise<string[]> {
  const { batchItemFailures } = await feed.invoke<StreamAnswer>({ Records: records });
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

export async function rows({ table }: ReadModel): Promise<Item[]> {
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  return sorted(Items);
}

/** What a reader sees: it leaves out the marks, and what the function added. */
export async function visible({ table }: ReadModel): Promise<Item[]> {
  const { Items = [] } = await dynamoDb.send(
    new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      FilterExpression: 'attribute_not_exists(beamstalk_row.removed)',
    }),
  );
  return sorted(Items.map(({ beamstalk_row: _, ...item }) => item));
}

export function strip(items: readonly Item[]): Item[] {
  return items.map(({ beamstalk_expires: _, ...item }) => item);
}

export function sorted(items: readonly Item[]): Item[] {
  const key = (item: Item): string => `${item['order_id']?.S} ${JSON.stringify(item)}`;
  return [...items].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
