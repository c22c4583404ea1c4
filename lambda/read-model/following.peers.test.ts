import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import {
  byCode,
  byCustomer,
  dynamoDb,
  feed,
  follow,
  generator,
  order,
  put,
  remove,
  rows,
  sorted,
  source,
  streams,
  strip,
  useReadModels,
  visible,
} from '../../test/peers/read-model-bench';
import { deliverStream, readStream } from '../../test/peers/stream-mapping';

useReadModels();

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
