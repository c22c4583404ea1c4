import { describe, expect, test } from 'vitest';
import {
  aged,
  byCode,
  coded,
  failuresOf,
  feed,
  follow,
  generator,
  put,
  remove,
  source,
  streams,
  together,
  told,
  useReadModels,
  visible,
} from '../../test/peers/read-model-bench';
import { deliverStream, readStream } from '../../test/peers/stream-mapping';
import { versionOf } from './model';
import type { StreamRecord } from './stream-record';

useReadModels();

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
