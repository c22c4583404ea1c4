import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashExpression, hashRanges, inRanges, KEY_TYPES } from '../../lib/resharding/key-hash';
import { logicalShardOf } from '../../lib/sharding/logical-shard';

const KEYS = Array.from({ length: 3000 }, (_, number) => `key ${number}`);

function isIn(key: string, shards: readonly number[], logicalShards: number): boolean {
  const hash = createHash('sha256').update(key).digest().readBigUInt64BE(0);
  return hashRanges(shards, logicalShards).some(({ from, to }) => hash >= from && (to === undefined || hash < to));
}

describe('the ranges of hashes', () => {
  test.each([
    [1, [0]],
    [3, [0, 2]],
    [16, [3, 4, 5]],
    [16, [15, 0]],
    [1000, [17, 18, 500, 999]],
    [4096, Array.from({ length: 1000 }, (_, shard) => shard * 3)],
  ])('of %i logical shards hold just the keys of those that are named', (logicalShards, shards) => {
    for (const key of KEYS)
      expect(isIn(key, shards, logicalShards)).toBe(shards.includes(logicalShardOf(key, logicalShards)));
  });

  test('of neighbours are one, which has no end where hashes end', () => {
    expect(hashRanges([2, 1, 2, 3], 4)).toEqual([{ from: 1n << 62n, to: undefined }]);
    expect(hashRanges([0, 2], 4)).toEqual([
      { from: 0n, to: 1n << 62n },
      { from: 1n << 63n, to: 3n << 62n },
    ]);
  });

  test('begin at the first hash that is theirs, where the number of logical shards divides nothing', () => {
    const [range] = hashRanges([1], 3);
    const shardOf = (hash: bigint): bigint => (hash * 3n) >> 64n;
    expect([shardOf((range?.from ?? 0n) - 1n), shardOf(range?.from ?? 0n)]).toEqual([0n, 1n]);
    expect([shardOf((range?.to ?? 0n) - 1n), shardOf(range?.to ?? 0n)]).toEqual([1n, 2n]);
  });
});

test('a condition names both bounds of each range, but for the end of all hashes', () => {
  expect(inRanges('h', hashRanges([0, 3], 4))).toBe(
    `(h >= pg_catalog.decode('0000000000000000', 'hex') and h < pg_catalog.decode('4000000000000000', 'hex') or h >= pg_catalog.decode('c000000000000000', 'hex'))`,
  );
  expect(inRanges('h', [])).toBe('false');
});

test('keys of some types can be hashed, and no others', () => {
  for (const type of KEY_TYPES) expect(hashExpression('k', type)).toMatch(/^pg_catalog\.sha256\(.*\bk\b.*\)$/);
  expect(hashExpression('k', 'numeric')).toBeUndefined();
});
