import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BundledFunction } from '../../test/peers/bundled-function';
import { startDynamoDb } from '../../test/peers/dynamodb';
import { type FaultyPeer, withFaults } from '../../test/peers/faults';
import type { Peer } from '../../test/peers/peer';
import { createQueue, receiveAll } from '../../test/peers/queue-mapping';
import { startSqs } from '../../test/peers/sqs';
import { deliverStream, readStream, type StreamDelivery } from '../../test/peers/stream-mapping';
import type { StreamAnswer } from './handler';
import { type Feed, type KeyAttribute, type ReadModel, versionOf } from './model';
import { changeOf, type StreamRecord } from './stream-record';

// The function as bundled, fed from a real stream of DynamoDB Local; what Lambda's event source mapping does stands in
// test/peers/stream-mapping.ts, and ElasticMQ is the failure queue. The source holds orders by id; one model holds them by
// customer, one by code.

type Item = Record<string, AttributeValue>;

const peers: Peer[] = [];
let throttled: FaultyPeer;
let dynamoDb: DynamoDBClient;
let streams: DynamoDBStreamsClient;
let queues: Peer;
let sqs: SQSClient;
let failures: string;
let source: { readonly table: string; readonly stream: string };
let byCustomer: ReadModel;
let byCode: ReadModel;
let feed: BundledFunction;

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
  for (const peer of peers) await peer.stop();
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

describe('a model follows its source', () => {
  test('through creation, change and removal', async () => {
    await put(order('o1', 'ada', { total: { N: '10' } }));
    await put(order('o2', 'ada'));
    await put(order('o1', 'ada', { total: { N: '12.5' } }));
    await remove('o2');
    await follow();
    expect(await visible(byCustomer)).toEqual([order('o1', 'ada', { total: { N: '12.5' } })]);
  });

  test('when an item gets another key in the model', async () => {
    await put(order('o1', 'ada'));
    await put(order('o1', 'bob'));
    await put(order('o1', 'ada'));
    await put(order('o1', 'eve'));
    await follow();
    expect(await visible(byCustomer)).toEqual([order('o1', 'eve')]);
  });

  test('when an item has no key in the model, gets one, and loses it again', async () => {
    await put({ order_id: { S: 'o1' } });
    await put({ order_id: { S: 'o2' }, code: { S: 'a text, where the model has numbers' } });
    await put({ order_id: { S: 'o3' }, customer: { NULL: true } });
    await put(order('o4', 'x'.repeat(2049)));
    await follow();
    expect([...(await visible(byCustomer)), ...(await visible(byCode))]).toEqual([]);
    await put({ order_id: { S: 'o1' }, code: { N: '7' } });
    await follow();
    expect(await visible(byCode)).toEqual([{ order_id: { S: 'o1' }, code: { N: '7' } }]);
    await put({ order_id: { S: 'o1' } });
    await follow();
    expect(await visible(byCode)).toEqual([]);
  });

  test('with every type of attribute as it was', async () => {
    const bytes = Uint8Array.from([0, 255, 128]);
    const everything = order('o1', 'ada', {
      bytes: { B: bytes },
      parts: { BS: [bytes, Uint8Array.from([7])] },
      texts: { SS: ['a', 'b'] },
      exact: { N: '12345678901234567890123456789012345678' },
      deep: { L: [{ M: { bytes: { B: bytes }, none: { NULL: true }, yes: { BOOL: true } } }] },
    });
    await put(everything);
    await follow();
    expect(await visible(byCustomer)).toEqual([everything]);
  });
});

describe('changes that come again, late or out of order', () => {
  test('a removed row does not come back, and its mark expires after the stream has forgotten', async () => {
    await put(order('o1', 'ada'));
    await remove('o1');
    const records = await readStream(streams, source.stream);
    await deliverStream(feed, records);
    await deliverStream(feed, records.slice(0, 1));
    expect(await visible(byCustomer)).toEqual([]);
    const [mark] = await rows(byCustomer);
    const hours = (Number(mark?.['beamstalk_expires']?.N) - Date.now() / 1000) / 3600;
    expect(hours).toBeGreaterThan(24);
    expect(hours).toBeLessThan(72);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'random changes in random order, some twice, end in the same model (%i)',
    async (seed) => {
      const random = generator(seed);
      const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
      for (let change = 0; change < 40; change++) {
        const id = pick(['o1', 'o2', 'o3', 'o4']);
        if (random() < 0.25) await remove(id);
        else await put(order(id, pick(['ada', 'bob', '']), { change: { N: String(change) } }));
      }
      const records = await readStream(streams, source.stream);
      const twice = [...records, ...records.filter(() => random() < 0.5)];
      const shuffled = twice.map((record) => ({ record, at: random() })).sort((one, other) => one.at - other.at);
      await deliverStream(
        feed,
        shuffled.map(({ record }) => record),
        { batchSize: 7 },
      );
      const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: source.table, ConsistentRead: true }));
      expect(await visible(byCustomer)).toEqual(sorted(Items.filter(({ customer }) => customer !== undefined)));
    },
  );

  test('what was applied before a crash is applied once more without harm', async () => {
    await put(order('o1', 'ada'));
    await put(order('o1', 'bob'));
    const records = await readStream(streams, source.stream);
    await deliverStream(feed, records);
    const before = await rows(byCustomer);
    await feed.end();
    await deliverStream(feed, records);
    expect(strip(await rows(byCustomer))).toEqual(strip(before));
  });
});

describe('two items with one key in a model', () => {
  test('the second follows when the first has left, whatever order they come in', async () => {
    await put(coded('o1', 7));
    await remove('o1');
    await put(coded('o2', 7));
    const [first, left, second] = (await readStream(streams, source.stream)) as [
      StreamRecord,
      StreamRecord,
      StreamRecord,
    ];
    for (const records of [[first, second], [left], [second], [left], [first, left]]) {
      expect(await failuresOf(...records)).toEqual([]);
    }
    expect(await visible(byCode)).toEqual([coded('o2', 7)]);
  });

  test('an item whose row another has got, and whose next change is still to come, changes nothing', async () => {
    await put(coded('o1', 7));
    await put(coded('o1', 8));
    await put(coded('o2', 7));
    const [first, moved, second] = (await readStream(streams, source.stream)) as [
      StreamRecord,
      StreamRecord,
      StreamRecord,
    ];
    expect(await failuresOf(second, first)).toEqual([]);
    expect(await visible(byCode)).toEqual([coded('o2', 7)]);
    expect(await failuresOf(moved)).toEqual([]);
    expect(await visible(byCode)).toEqual([coded('o1', 8), coded('o2', 7)]);
  });

  test('when neither leaves, the second is given up at once and the first is kept', async () => {
    await put(coded('o1', 7));
    await put(coded('o2', 7));
    await put(coded('o3', 8));
    const records = aged(await readStream(streams, source.stream), 180);
    expect(await deliverStream(feed, records)).toEqual({ givenUp: [], invocations: 1 });
    expect((await visible(byCode)).map(({ order_id }) => order_id?.S)).toEqual(['o1', 'o3']);
    const failure = {
      table: source.table,
      key: { order_id: { S: 'o2' } },
      model: byCode.table,
      version: versionOf(records[1]?.dynamodb.SequenceNumber ?? ''),
      error: 'TakenError',
    };
    expect(await told()).toEqual([failure]);
    expect(feed.log).toContainEqual(
      expect.objectContaining({ ...failure, message: 'change given up', level: 'ERROR' }),
    );
  });

  test('for a moment, the second is tried again until the first has left', async () => {
    await put(coded('o1', 7));
    await put(coded('o2', 7));
    const [first, second] = (await readStream(streams, source.stream)) as [StreamRecord, StreamRecord];
    expect(await failuresOf(...aged([first, second], 30))).toEqual([second.dynamodb.SequenceNumber]);
    await remove('o1');
    expect(await failuresOf(...aged([second], 60))).toEqual([]);
    expect(await visible(byCode)).toEqual([coded('o2', 7)]);
    expect(await told()).toEqual([]);
  });

  test('one that is given up is no longer where it was', async () => {
    await put(coded('o1', 7));
    await put(coded('o2', 8));
    await put(coded('o2', 7));
    expect(await failuresOf(...aged(await readStream(streams, source.stream), 180))).toEqual([]);
    expect(await visible(byCode)).toEqual([coded('o1', 7)]);
    expect(await told()).toEqual([expect.objectContaining({ key: { order_id: { S: 'o2' } } })]);
  });
});

// A stream gives the changes of one transaction in any order, those of different items in batches of their own.
describe('items that exchange their keys in one transaction', () => {
  /** Each change of code, from a model where o1, o2 and so on have the codes 1, 2 and so on. */
  async function exchange(count: number, codes: readonly number[]): Promise<StreamRecord[]> {
    const ids = Array.from({ length: count }, (_, index) => `o${index + 1}`);
    for (const [index, id] of ids.entries()) await put(coded(id, index + 1));
    await follow();
    const before = (await readStream(streams, source.stream)).length;
    await together(codes.map((code, index) => coded(`o${index + 1}`, code)));
    return (await readStream(streams, source.stream)).slice(before);
  }

  test.each([
    ['two', [2, 1]],
    ['three, in a ring', [2, 3, 1]],
    ['one that hands its code on to another', [3, 1]],
  ])('%s', async (_, codes) => {
    const changes = await exchange(codes.length, codes);
    for (const order of [changes, [...changes].reverse()]) {
      expect(await deliverStream(feed, order)).toEqual({ givenUp: [], invocations: 1 });
      expect(await visible(byCode)).toEqual(codes.map((code, index) => coded(`o${index + 1}`, code)));
    }
  });

  test.each([false, true])('in batches of their own, the later first: %s', async (reversed) => {
    const changes = await exchange(2, [2, 1]);
    for (const change of reversed ? [...changes].reverse() : changes) expect(await failuresOf(change)).toEqual([]);
    expect(await visible(byCode)).toEqual([coded('o1', 2), coded('o2', 1)]);
  });

  test('and at once exchange them back', async () => {
    const there = await exchange(2, [2, 1]);
    await together([coded('o1', 1), coded('o2', 2)]);
    const back = (await readStream(streams, source.stream)).slice(-2);
    const of = (id: string): StreamRecord[] =>
      [...there, ...back].filter(({ dynamodb }) => dynamodb.Keys['order_id']?.['S'] === id);
    for (const changes of [of('o2'), of('o1')]) expect(await failuresOf(...changes)).toEqual([]);
    expect(await visible(byCode)).toEqual([coded('o1', 1), coded('o2', 2)]);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'random ones, between which the changes of each item come when they may (%i)',
    async (seed) => {
      const random = generator(seed);
      const ids = ['o1', 'o2', 'o3', 'o4'];
      for (const [index, id] of ids.entries()) await put(coded(id, index));
      const codes = new Map<string, number>(ids.map((id, index) => [id, index]));
      let seen = 0;
      const lanes = ids.map((): StreamRecord[] => []);
      const sent = ids.map(() => 0);
      /** Some of what each item has left, in its order, several items in one batch; now and then some of it again. */
      const deliver = async (most: number): Promise<void> => {
        const batch: StreamRecord[] = [];
        for (const [lane, records] of lanes.entries()) {
          const from = random() < 0.3 ? Math.max((sent[lane] ?? 0) - 2, 0) : (sent[lane] ?? 0);
          const to = Math.max(Math.min(from + Math.ceil(random() * most), records.length), sent[lane] ?? 0);
          batch.push(...records.slice(from, to));
          sent[lane] = to;
        }
        expect(await failuresOf(...interleaved(batch, random))).toEqual([]);
      };
      for (let turn = 0; turn < 15; turn++) {
        const shuffled = [...codes.values()]
          .map((code) => ({ code, at: random() }))
          .sort((one, other) => one.at - other.at);
        await together(
          ids.flatMap((id, index) => {
            const code = shuffled[index]?.code ?? 0;
            if (code === codes.get(id)) return [];
            codes.set(id, code);
            return [coded(id, code)];
          }),
        );
        const records = await readStream(streams, source.stream);
        for (const record of records.slice(seen))
          lanes[ids.indexOf(String(record.dynamodb.Keys['order_id']?.['S']))]?.push(record);
        seen = records.length;
        if (random() < 0.6) await deliver(2);
      }
      while (lanes.some((records, lane) => (sent[lane] ?? 0) < records.length)) await deliver(3);
      expect(await visible(byCode)).toEqual([...codes].map(([id, code]) => coded(id, code)));
    },
  );
});

describe('a change that can never be applied', () => {
  // As large as an item may be, 400 KB: no room is left for what the function adds.
  const FILLER = { filler: { S: 'x'.repeat(400 * 1024 - 100) } };

  test('is given up at once, and holds nothing up', async () => {
    await put(order('good', 'ada'));
    await put(order('bad', 'ada', FILLER));
    await put(order('fine', 'ada'));
    await put(order('bad', 'bob'));
    const records = await readStream(streams, source.stream);
    expect(await deliverStream(feed, records)).toEqual({ givenUp: [], invocations: 1 });
    expect((await visible(byCustomer)).map(({ order_id }) => order_id?.S)).toEqual(['bad', 'fine', 'good']);
    expect(await told()).toEqual([
      {
        table: source.table,
        key: { order_id: { S: 'bad' } },
        model: byCustomer.table,
        version: versionOf(records[1]?.dynamodb.SequenceNumber ?? ''),
        error: 'ValidationException',
      },
    ]);
    expect(feed.output).not.toContain('xxxx');
  });

  test('fails as others do when the failure queue cannot be told', async () => {
    await put(order('bad', 'ada', FILLER));
    const [bad] = (await readStream(streams, source.stream)) as [StreamRecord];
    await sqs.send(new DeleteQueueCommand({ QueueUrl: failures }));
    expect(await failuresOf(bad)).toEqual([bad.dynamodb.SequenceNumber]);
    expect(feed.log).toContainEqual(expect.objectContaining({ message: 'failure queue not told' }));
  });
});

describe('a change that never arrived', () => {
  test('leaves a row, which the repair in the README removes', async () => {
    await put(order('o1', 'ada'));
    await put(order('o1', 'bob'));
    await put(order('o1', 'eve'));
    const [first, lost, second] = (await readStream(streams, source.stream)) as [
      StreamRecord,
      StreamRecord,
      StreamRecord,
    ];
    expect(await failuresOf(first, second)).toEqual([]);
    expect((await visible(byCustomer)).map(({ customer }) => customer?.S)).toEqual(['ada', 'eve']);
    // Of the message: where in the stream. Of the record there: the key.
    const rowsOfItem = await dynamoDb.send(
      new ScanCommand({
        TableName: byCustomer.table,
        FilterExpression: filterOfReadme(),
        ExpressionAttributeNames: { '#source': 'source' },
        ExpressionAttributeValues: { ':item': { M: { ...changeOf(lost).key } } },
      }),
    );
    for (const { customer, order_id } of rowsOfItem.Items ?? []) {
      const Key = { customer, order_id } as Item;
      await dynamoDb.send(new DeleteItemCommand({ TableName: byCustomer.table, Key }));
    }
    expect(await visible(byCustomer)).toEqual([]);
    await put(order('o1', 'eve', { touched: { N: '1' } }));
    expect(await failuresOf(...(await readStream(streams, source.stream)).slice(3))).toEqual([]);
    expect(await visible(byCustomer)).toEqual([order('o1', 'eve', { touched: { N: '1' } })]);
  });

  test('is logged with the key of its item when it was tried', async () => {
    await feed.end();
    feed = newFeed(byCustomer);
    await put(order('o1', 'ada'));
    throttled.fail('PutItem', 'ThrottlingException', Number.POSITIVE_INFINITY);
    const records = await readStream(streams, source.stream);
    expect(await failuresOf(...records)).toHaveLength(1);
    expect(feed.log).toContainEqual(
      expect.objectContaining({
        key: { order_id: { S: 'o1' } },
        model: byCustomer.table,
        message: 'change not applied',
      }),
    );
    expect(await told()).toEqual([]);
  });
});

describe('when DynamoDB throttles', () => {
  test('for a moment, the batch is applied in one go', async () => {
    for (const id of ['o1', 'o2', 'o3']) await put(order(id, 'ada'));
    throttled.fail('PutItem', 'ProvisionedThroughputExceededException', 2);
    expect(await follow()).toEqual({ givenUp: [], invocations: 1 });
    expect(await visible(byCustomer)).toHaveLength(3);
  });

  test('for long, the failures are reported, and the next try goes on from there', async () => {
    for (const id of ['o1', 'o2', 'o3']) await put(order(id, 'ada'));
    const records = await readStream(streams, source.stream);
    throttled.fail('PutItem', 'ThrottlingException', Number.POSITIVE_INFINITY);
    expect((await failuresOf(...records)).sort()).toEqual(records.map(({ dynamodb }) => dynamodb.SequenceNumber));
    throttled.fail('', '', 0);
    expect(await deliverStream(feed, records)).toEqual({ givenUp: [], invocations: 1 });
    expect(await visible(byCustomer)).toHaveLength(3);
  });

  test('or does not answer, the function answers before its own time-out', async () => {
    await feed.end();
    feed = newFeed(byCustomer);
    await put(order('o1', 'ada'));
    await put(order('o2', 'ada'));
    const records = await readStream(streams, source.stream);
    throttled.fail('PutItem', 'silence', 1);
    expect(await failuresOf(...records)).toHaveLength(1);
    expect(await visible(byCustomer)).toHaveLength(1);
  });
});

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
async function told(): Promise<unknown[]> {
  return (await receiveAll(sqs, failures)).map((body) => JSON.parse(body) as unknown);
}

/** Changes of so many seconds ago. */
function aged(records: readonly StreamRecord[], seconds: number): StreamRecord[] {
  const made = Math.floor(Date.now() / 1000) - seconds;
  return records.map((record) => ({
    ...record,
    dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: made },
  }));
}

/** By which the README has the rows of an item found. */
function filterOfReadme(): string {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const [, filter] = /--filter-expression '([^']+)'/.exec(readme) ?? [];
  if (filter === undefined) throw new Error('the README has a filter');
  return filter;
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

function order(id: string, customer: string, more: Item = {}): Item {
  return { order_id: { S: id }, ...(customer !== '' && { customer: { S: customer } }), ...more };
}

function coded(id: string, code: number): Item {
  return { order_id: { S: id }, code: { N: String(code) } };
}

/** One transaction. */
async function together(items: readonly Item[]): Promise<void> {
  if (items.length === 0) return;
  await dynamoDb.send(
    new TransactWriteItemsCommand({ TransactItems: items.map((Item) => ({ Put: { TableName: source.table, Item } })) }),
  );
}

/** The changes of each item in their order, those of different items in any. */
function interleaved(records: readonly StreamRecord[], random: () => number): StreamRecord[] {
  const rest = new Map<unknown, StreamRecord[]>();
  for (const record of records) {
    const id = record.dynamodb.Keys['order_id']?.['S'];
    rest.set(id, [...(rest.get(id) ?? []), record]);
  }
  const mixed: StreamRecord[] = [];
  while (mixed.length < records.length) {
    const lanes = [...rest.values()].filter((lane) => lane.length > 0);
    const next = lanes[Math.floor(random() * lanes.length)]?.shift();
    if (next !== undefined) mixed.push(next);
  }
  return mixed;
}

async function put(item: Item): Promise<void> {
  await dynamoDb.send(new PutItemCommand({ TableName: source.table, Item: item }));
}

async function remove(id: string): Promise<void> {
  await dynamoDb.send(new DeleteItemCommand({ TableName: source.table, Key: { order_id: { S: id } } }));
}

/** Delivers all that the stream holds, from its beginning. */
async function follow(): Promise<StreamDelivery> {
  return deliverStream(feed, await readStream(streams, source.stream));
}

async function failuresOf(...records: readonly StreamRecord[]): Promise<string[]> {
  const { batchItemFailures } = await feed.invoke<StreamAnswer>({ Records: records });
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

async function rows({ table }: ReadModel): Promise<Item[]> {
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  return sorted(Items);
}

/** What a reader sees: it leaves out the marks, and what the function added. */
async function visible({ table }: ReadModel): Promise<Item[]> {
  const { Items = [] } = await dynamoDb.send(
    new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      FilterExpression: 'attribute_not_exists(beamstalk_row.removed)',
    }),
  );
  return sorted(Items.map(({ beamstalk_row: _, ...item }) => item));
}

function strip(items: readonly Item[]): Item[] {
  return items.map(({ beamstalk_expires: _, ...item }) => item);
}

function sorted(items: readonly Item[]): Item[] {
  const key = (item: Item): string => `${item['order_id']?.S} ${JSON.stringify(item)}`;
  return [...items].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
