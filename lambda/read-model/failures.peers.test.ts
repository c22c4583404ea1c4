import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import {
  byCustomer,
  dynamoDb,
  failures,
  failuresOf,
  feed,
  feedOnly,
  follow,
  type Item,
  order,
  put,
  source,
  sqs,
  streams,
  throttled,
  told,
  useReadModels,
  visible,
} from '../../test/peers/read-model-bench';
import { deliverStream, readStream } from '../../test/peers/stream-mapping';
import { versionOf } from './model';
import { changeOf, type StreamRecord } from './stream-record';

useReadModels();

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
    await feedOnly(byCustomer);
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
    await feedOnly(byCustomer);
    await put(order('o1', 'ada'));
    await put(order('o2', 'ada'));
    const records = await readStream(streams, source.stream);
    throttled.fail('PutItem', 'silence', 1);
    expect(await failuresOf(...records)).toHaveLength(1);
    expect(await visible(byCustomer)).toHaveLength(1);
  });
});

/** By which the README has the rows of an item found. */
function filterOfReadme(): string {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const [, filter] = /--filter-expression '([^']+)'/.exec(readme) ?? [];
  if (filter === undefined) throw new Error('the README has a filter');
  return filter;
}
