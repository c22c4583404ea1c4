import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { logicalShardOf } from '../../lib/sharding/logical-shard';
import { Router } from '../../lib/sharding/router';
import { type MapChange, type ShardMap, withChanges } from '../../lib/sharding/shard-map';

interface Vectors {
  readonly keys: readonly { readonly key: string; readonly shards: Readonly<Record<string, number>> }[];
  readonly map: Omit<ShardMap, 'clusters'>;
  readonly routes: readonly { readonly key: string; readonly shard: number }[];
  readonly changes: readonly MapChange[];
  readonly after: { readonly version: number; readonly records: ShardMap['shards'] };
}

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as Vectors;
const map: ShardMap = { ...vectors.map, clusters: new Map() };

describe('the vectors that every router must answer', () => {
  test.each(vectors.keys)('the logical shards of $key', ({ key, shards }) => {
    const found = Object.keys(shards).map((count) => [count, logicalShardOf(key, Number(count))]);
    expect(Object.fromEntries(found)).toEqual(shards);
    expect(logicalShardOf(Buffer.from(key), 1024)).toBe(shards['1024']);
  });

  test('where a map sends them', async () => {
    const { version, logicalShards } = map;
    const router = new Router({
      source: {
        head: () => Promise.resolve({ version, logicalShards }),
        whole: () => Promise.resolve(map),
        changesAfter: () => Promise.resolve([]),
      },
    });
    await router.refresh();
    expect(vectors.routes.map(({ key }) => ({ key, ...router.route(key) }))).toEqual(vectors.routes);
  });

  test('what changes make of it, late, twice and out of order', () => {
    const { version, shards } = withChanges(map, vectors.changes);
    expect(version).toBe(vectors.after.version);
    for (const record of vectors.after.records) expect(shards[record.shard]).toEqual(record);
  });
});

test('keys spread evenly over logical shards', () => {
  const counts = new Array<number>(64).fill(0);
  for (let key = 0; key < 64_000; key++) {
    const shard = logicalShardOf(`user:${key}`, 64);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  // A thousand each; five standard deviations are 159.
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(159);
});

test.each([0, -1, 1.5, Number.NaN])('%d logical shards are refused', (count) => {
  expect(() => logicalShardOf('key', count)).toThrow(RangeError);
});
