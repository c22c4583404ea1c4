import { beforeEach, describe, expect, test } from 'vitest';
import { firstPlacement } from '../../lib/sharding/placement';
import { NotWritable, type Route, Router } from '../../lib/sharding/router';
import type { MapChange, ShardMap, ShardRecord } from '../../lib/sharding/shard-map';

class Refused extends Error {}
const isRefused = (error: unknown): boolean => error instanceof Refused;

/** One logical shard, so that every key is in it. */
let record: ShardRecord;
let changes: MapChange[];
let now: number;
let fails: boolean;
let looks: number;

const [first] = firstPlacement(1, 1);

beforeEach(() => {
  if (first === undefined) throw new Error('there is one');
  record = first;
  changes = [];
  now = 0;
  fails = false;
  looks = 0;
});

function change(next: Partial<ShardRecord>): void {
  record = { ...record, ...next, version: record.version + 1 };
  changes.push({ version: record.version, shard: record });
}

function router(leaseMs = 1000): Router {
  const answer = <Value>(value: Value): Promise<Value> =>
    fails ? Promise.reject(new Error('no answer')) : Promise.resolve(value);
  return new Router({
    leaseMs,
    clock: () => now,
    source: {
      head: () => {
        looks++;
        return answer({ version: record.version, logicalShards: 1 });
      },
      whole: () =>
        answer<ShardMap>({ version: record.version, logicalShards: 1, shards: [record], clusters: new Map() }),
      changesAfter: (version) => answer(changes.filter((one) => one.version > version)),
    },
  });
}

test('without a map there is no route', () => {
  expect(() => router().route('key')).toThrow(NotWritable);
});

test('a frozen logical shard is read where it was, and not written', async () => {
  const one = router();
  change({ state: 'frozen', target: 1, epoch: 2 });
  await one.refresh();
  expect(one.route('key')).toEqual({ shard: 0, cluster: 0, epoch: 2, writable: false });
  expect(() => one.routeForWrite('key')).toThrow(expect.objectContaining({ reason: 'frozen' }));
});

describe('the lease', () => {
  test('ends writes on a map that was not seen for too long, and reads go on', async () => {
    const one = router(1000);
    await one.refresh();
    now = 1000;
    expect(one.routeForWrite('key').cluster).toBe(0);
    now = 1001;
    expect(() => one.routeForWrite('key')).toThrow(expect.objectContaining({ reason: 'stale' }));
    expect(one.route('key').cluster).toBe(0);
  });

  test('is not prolonged by a look that fails', async () => {
    const one = router(1000);
    await one.refresh();
    now = 900;
    fails = true;
    await expect(one.refresh()).rejects.toThrow('no answer');
    now = 1001;
    expect(() => one.routeForWrite('key')).toThrow(NotWritable);
  });
});

test('looks at the same time are one', async () => {
  const one = router();
  await Promise.all([one.refresh(), one.refresh(), one.refresh()]);
  expect(looks).toBe(1);
});

test('a map that was restored is read again, though its version has gone back', async () => {
  const one = router();
  const restored = record;
  change({ state: 'moving', target: 4 });
  change({ state: 'frozen', target: 4, epoch: 2 });
  change({ state: 'active', cluster: 4, epoch: 3 });
  await one.refresh();
  expect(one.route('key').cluster).toBe(4);
  [record, changes] = [restored, []];
  await one.refresh();
  expect({ version: one.version, ...one.route('key') }).toMatchObject({ version: 1, cluster: 0, epoch: 1 });
  change({ state: 'moving', target: 2 });
  await one.refresh();
  expect({ version: one.version, ...one.route('key') }).toMatchObject({ version: 2, cluster: 0 });
});

describe('a write', () => {
  const isOnlyAt =
    (cluster: number) =>
    ({ cluster: asked }: Route): Promise<number> =>
      asked === cluster ? Promise.resolve(asked) : Promise.reject(new Refused());

  test('follows a logical shard that has moved', async () => {
    const one = router();
    await one.refresh();
    change({ cluster: 4, epoch: 3 });
    await expect(one.write('key', isOnlyAt(4), isRefused)).resolves.toBe(4);
  });

  test('is given up when the fence goes on refusing', async () => {
    const one = router();
    let sent = 0;
    const send = (): Promise<never> => {
      sent++;
      return Promise.reject(new Refused());
    };
    await expect(one.write('key', send, isRefused, 3)).rejects.toThrow(Refused);
    expect(sent).toBe(2);
  });

  test('is not sent again for an error of its own', async () => {
    const one = router();
    await one.refresh();
    let sent = 0;
    const send = (): Promise<never> => {
      sent++;
      return Promise.reject(new Error('duplicate key'));
    };
    await expect(one.write('key', send, isRefused)).rejects.toThrow('duplicate key');
    expect(sent).toBe(1);
  });

  test('is refused while frozen, without asking the map each time', async () => {
    const one = router();
    change({ state: 'frozen', target: 1, epoch: 2 });
    await one.refresh();
    looks = 0;
    await expect(one.write('key', isOnlyAt(0), isRefused)).rejects.toThrow(NotWritable);
    expect(looks).toBe(0);
  });
});
