import { beforeEach, describe, expect, test } from 'vitest';
import { type Item, MapError, textIn } from '../../lib/sharding/map-items';
import { MapTable, type Table } from '../../lib/sharding/map-table';
import type { Write } from '../../lib/sharding/map-writes';
import { firstPlacement } from '../../lib/sharding/placement';
import { described } from './map-in-dynamodb';
import { MemoryTable } from './map-in-memory';

let table: MemoryTable;

beforeEach(() => {
  table = new MemoryTable();
});

function mapIn(of: Table): MapTable {
  return new MapTable({ table: of, now: () => 0, pause: () => Promise.resolve() });
}

/** The table, which refuses the first transactions at an item, as when another is at it and fails then. */
function busy(at: string, times: number): Table {
  let left = times;
  return {
    get: (key: Item) => table.get(key),
    query: (from, to) => table.query(from, to),
    async transact(writes) {
      if (!writes.some((write) => sortKey(write) === at) || left === 0) return table.transact(writes);
      left -= 1;
      return false;
    },
  };
}

function sortKey(write: Write): string {
  return textIn('put' in write ? write.put : 'check' in write ? write.check : write.update, 'sk');
}

describe('making the map', () => {
  test.each([
    ['its head, once', 'head', 1],
    ['a batch, once', 'shard#00003', 1],
    ['a batch, and single writes', 'shard#00003', 5],
    ['a later batch', 'shard#00299', 3],
    ['a cluster', 'cluster#001', 2],
  ])('ends with a whole map when the table refuses %s', async (_, at, times) => {
    expect(await mapIn(busy(at, times)).make(300, described(2))).toBe(true);
    const { shards, clusters } = await mapIn(table).whole();
    expect(shards).toEqual(firstPlacement(300, 2));
    expect([...clusters.keys()]).toEqual([0, 1]);
  });

  test('ends with a whole map when the table refuses to have it ready, once', async () => {
    let updates = 0;
    const refuses: Table = {
      get: (key) => table.get(key),
      query: (from, to) => table.query(from, to),
      async transact(writes) {
        if (writes.some((write) => 'update' in write)) updates += 1;
        return updates === 1 ? false : table.transact(writes);
      },
    };
    expect(await mapIn(refuses).make(16, described(2))).toBe(true);
    expect((await mapIn(table).whole()).shards).toHaveLength(16);
  });

  test.each(['head', 'shard#00003', 'cluster#001'])(
    'is given up, and can be gone on with, when the table always refuses %s',
    async (at) => {
      const made = mapIn(busy(at, Number.POSITIVE_INFINITY)).make(16, described(2));
      await expect(made).rejects.toThrow(MapError);
      await expect(made).rejects.toThrow(/^the shard map is not finished: .+ run `beamstalk shards init` again$/);
      await expect(mapIn(table).whole()).rejects.toThrow('run `beamstalk shards init`');
      expect(await mapIn(table).make(16, described(2))).toBe(true);
      expect((await mapIn(table).whole()).shards).toEqual(firstPlacement(16, 2));
    },
  );
});
