import { describe, expect, test } from 'vitest';
import { shardNumbers } from '../../lib/commands/shards/shard-numbers';
import { fenceStatements } from '../../lib/sharding/fence';
import { firstPlacement, splitOf } from '../../lib/sharding/placement';
import { type ShardMap, type ShardRecord, writerOf } from '../../lib/sharding/shard-map';
import { nextRecord, type Step, TransitionError } from '../../lib/sharding/transitions';

const active: ShardRecord = { shard: 3, state: 'active', cluster: 0, epoch: 1, version: 9 };

/** The record after some steps, each with the version of the one before and one. */
function after(...steps: readonly Step[]): ShardRecord {
  return steps.reduce<ShardRecord>(
    (record, step) => ({ ...nextRecord(record, step, 1), version: record.version + 1 }),
    active,
  );
}

test.each<[Step[], Partial<ShardRecord>, number | undefined]>([
  [['start'], { state: 'moving', cluster: 0, target: 1, epoch: 1 }, 0],
  [['start', 'freeze'], { state: 'frozen', cluster: 0, target: 1, epoch: 2 }, undefined],
  [['start', 'freeze', 'finish'], { state: 'active', cluster: 1, epoch: 3 }, 1],
  [['start', 'abort'], { state: 'active', cluster: 0, epoch: 1 }, 0],
  [['start', 'freeze', 'abort'], { state: 'active', cluster: 0, epoch: 3 }, 0],
])('%j', (steps, expected, writer) => {
  const record = after(...steps);
  expect(record).toMatchObject(expected);
  expect(record.target).toBe(expected.target);
  expect(writerOf(record)).toBe(writer);
});

test.each<[Step[], Step]>([
  [[], 'freeze'],
  [[], 'finish'],
  [[], 'abort'],
  [['start'], 'start'],
  [['start'], 'finish'],
  [['start', 'freeze'], 'start'],
  [['start', 'freeze'], 'freeze'],
])('after %j, %s is refused', (steps, step) => {
  expect(() => nextRecord(after(...steps), step, 1)).toThrow(TransitionError);
});

test('a logical shard does not move to where it is, nor nowhere', () => {
  for (const target of [0, undefined]) expect(() => nextRecord(active, 'start', target)).toThrow(TransitionError);
});

describe('placement', () => {
  test.each([
    [16, 16],
    [1000, 7],
    [16_384, 256],
  ])('%i logical shards on %i clusters: each its share, in one piece', (logicalShards, clusters) => {
    const owners = firstPlacement(logicalShards, clusters).map(({ cluster }) => cluster);
    expect(owners).toEqual([...owners].sort((a, b) => a - b));
    const sizes = Array.from({ length: clusters }, (_, number) => owners.filter((owner) => owner === number).length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  test('there are no more clusters than logical shards', () => {
    expect(() => firstPlacement(16, 17)).toThrow(RangeError);
  });

  test('a split gives half away, and leaves alone what moves already', () => {
    const shards = firstPlacement(8, 1).map((record) =>
      record.shard === 6 ? { ...record, state: 'moving' as const, target: 2 } : record,
    );
    const map: ShardMap = { version: 1, logicalShards: 8, shards, clusters: new Map() };
    expect(splitOf(map, 0, 1).map(({ shard }) => shard)).toEqual([4, 5, 7]);
    expect(splitOf(map, 1, 0)).toEqual([]);
  });
});

test('a fence opens what its cluster writes, closes what is frozen, and says nothing of the rest', () => {
  const shards: ShardRecord[] = [
    { shard: 0, state: 'active', cluster: 0, epoch: 1, version: 1 },
    { shard: 1, state: 'frozen', cluster: 0, target: 1, epoch: 4, version: 8 },
    { shard: 2, state: 'moving', cluster: 0, target: 1, epoch: 3, version: 6 },
    { shard: 3, state: 'active', cluster: 1, epoch: 1, version: 1 },
  ];
  expect(fenceStatements({ version: 8, logicalShards: 4, shards, clusters: new Map() }, 0)).toEqual([
    'SELECT beamstalk_open(0, 1, 1);',
    'SELECT beamstalk_close(1, 4);',
    'SELECT beamstalk_open(2, 3, 6);',
  ]);
});

test.each([
  ['17', [17]],
  ['3-5', [3, 4, 5]],
  ['9,1-2,2', [1, 2, 9]],
  ['5-3', undefined],
  ['x', undefined],
  ['', undefined],
  ['1,', undefined],
])('the logical shards %j', (text, expected) => {
  expect(shardNumbers(text)).toEqual(expected);
});
