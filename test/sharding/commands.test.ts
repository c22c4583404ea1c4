import { beforeEach, describe, expect, test } from 'vitest';
import { perform, type ShardsRequest } from '../../lib/commands/shards';
import { answered } from '../../lib/commands/shards/answered';
import { HalfwayError } from '../../lib/commands/shards/one-by-one';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { MapError } from '../../lib/sharding/map-items';
import type { MapTable } from '../../lib/sharding/map-table';
import { described, mapIn } from './map-in-dynamodb';
import { MemoryTable } from './map-in-memory';

const { data } = readConfiguration({
  context: { env: 'dev', 'data.sharding.logicalShards': 16, 'data.sharding.clusters': 3 },
  directory: CONFIGURATION_DIRECTORY,
});
const deployed = { table: 'any', clusters: new Map(described(3).map((record) => [record.cluster, record])) };

let table: MemoryTable;
let map: MapTable;

beforeEach(async () => {
  table = new MemoryTable();
  map = mapIn(table);
  await run({ action: 'init' });
});

function run(request: ShardsRequest): Promise<string> {
  return perform(request, map, deployed, { data });
}

/** A move, frozen. The version that `freeze` names. */
async function frozen(shards: readonly number[], target = 2): Promise<number> {
  await run({ action: 'move', shards, target });
  return frozenAt(await run({ action: 'freeze', shards }));
}

function frozenAt(text: string): number {
  return Number(/--frozen-at (\d+)/.exec(text)?.[1]);
}

async function halfway(request: ShardsRequest): Promise<HalfwayError> {
  const error: unknown = await run(request).catch((thrown: unknown) => thrown);
  if (!(error instanceof HalfwayError)) throw new Error(`not halfway: ${String(error)}`);
  return error;
}

/** The transaction of this number, counted from here, fails. */
function failAt(number: number): void {
  let left = number;
  table.beforeTransaction = () => {
    left -= 1;
    if (left === 0) throw new MapError('the network is gone');
  };
}

describe('finish', () => {
  test('says once more what an earlier run has finished', async () => {
    const at = await frozen([3, 4]);
    const first = await run({ action: 'finish', shards: [3], frozenAt: at });
    expect(await run({ action: 'finish', shards: [3], frozenAt: at })).toBe(first);
    const both = await run({ action: 'finish', shards: [3, 4], frozenAt: at });
    expect(both).toContain('on cluster 2: SELECT beamstalk_open(3, 3,');
    expect(both).toContain('on cluster 2: SELECT beamstalk_open(4, 3,');
  });

  test.each<[string, () => Promise<number>]>([
    ['never moved', async () => 1],
    [
      'was aborted',
      async () => {
        const at = await frozen([3]);
        await run({ action: 'abort', shards: [3] });
        return at;
      },
    ],
    [
      'was aborted before it was frozen',
      async () => {
        await run({ action: 'move', shards: [3], target: 2 });
        await run({ action: 'abort', shards: [3] });
        return 3;
      },
    ],
    [
      'was aborted, and moved by somebody else',
      async () => {
        const at = await frozen([3]);
        await run({ action: 'abort', shards: [3] });
        await run({ action: 'finish', shards: [3], frozenAt: await frozen([3], 1) });
        return at;
      },
    ],
    [
      'has moved on since',
      async () => {
        const at = await frozen([3]);
        await run({ action: 'finish', shards: [3], frozenAt: at });
        await run({ action: 'finish', shards: [3], frozenAt: await frozen([3], 0) });
        return at;
      },
    ],
  ])('is refused for one that %s', async (_, before) => {
    const at = await before();
    const { version } = await map.head();
    await expect(run({ action: 'finish', shards: [3], frozenAt: at })).rejects.toThrow(
      `nothing shows that it was frozen by version ${at} and finished then`,
    );
    expect((await map.head()).version).toBe(version);
  });

  test('is refused when the log has forgotten', async () => {
    const at = await frozen([3]);
    await run({ action: 'finish', shards: [3], frozenAt: at });
    for (const key of table.items.keys()) if (key.startsWith('change#')) table.items.delete(key);
    await expect(run({ action: 'finish', shards: [3], frozenAt: at })).rejects.toThrow('nothing shows');
  });

  test('leaves one that is frozen anew alone, and all others with it', async () => {
    const at = await frozen([3, 4]);
    await run({ action: 'abort', shards: [4] });
    await frozen([4], 1);
    await expect(run({ action: 'finish', shards: [3, 4], frozenAt: at })).rejects.toThrow('has changed in version');
    expect(await map.shard(3)).toMatchObject({ state: 'frozen' });
  });
});

describe('nothing is done when one of several cannot be', () => {
  test.each<[ShardsRequest, string]>([
    [{ action: 'move', shards: [6, 7, 16], target: 2 }, 'there is no logical shard 16: the map has 16, from 0 to 15'],
    [{ action: 'move', shards: [6, 3], target: 0 }, 'logical shard 3 is on cluster 0; name another cluster'],
    [{ action: 'move', shards: [6, 7], target: 7 }, 'the map knows no cluster 7'],
    [{ action: 'freeze', shards: [12, 3] }, 'logical shard 3 is active on cluster 0; freeze wants it moving'],
    [{ action: 'finish', shards: [13, 12], frozenAt: 99 }, 'logical shard 12 is moving from cluster 2 to 0'],
    [{ action: 'abort', shards: [12, 3] }, 'logical shard 3 is active on cluster 0; abort wants it moving or frozen'],
  ])('%j', async (request, message) => {
    await run({ action: 'move', shards: [12, 13], target: 0 });
    await run({ action: 'freeze', shards: [13] });
    const before = await map.whole();
    await expect(run(request)).rejects.toThrow(message);
    expect(await map.whole()).toEqual(before);
  });
});

describe('what was done is told when the rest fails', () => {
  test('move', async () => {
    failAt(2);
    const error = await halfway({ action: 'move', shards: [6, 7, 8], target: 2 });
    expect(error.said).toMatch(/^on cluster 2: SELECT beamstalk_receive\(6, 2\);\nThese logical shards are moving/);
    expect(error.message).toMatch(/^the network is gone\nnot done: 7,8;/);
  });

  test('freeze, with the version that finishes what is frozen', async () => {
    await run({ action: 'move', shards: [6, 7], target: 2 });
    failAt(2);
    const error = await halfway({ action: 'freeze', shards: [6, 7] });
    expect(error.said).toContain('on cluster 1: SELECT beamstalk_close(6, 2);');
    expect(error.message).toContain('not done: 7;');
    table.beforeTransaction = () => undefined;
    const request: ShardsRequest = { action: 'finish', shards: [6], frozenAt: frozenAt(error.said) };
    expect(await run(request)).toContain('on cluster 2: SELECT beamstalk_open(6, 3,');
  });

  test('abort', async () => {
    await frozen([6, 7]);
    failAt(2);
    const error = await halfway({ action: 'abort', shards: [6, 7] });
    expect(error.said).toContain('on cluster 1: SELECT beamstalk_open(6, 3,');
    expect(error.message).toContain('not done: 7;');
  });

  test('nothing, when it is the first that fails', async () => {
    failAt(1);
    expect((await halfway({ action: 'move', shards: [6, 7], target: 2 })).said).toBe('');
  });
});

test('freeze says its lines once more for what is frozen already', async () => {
  const lines = await (async () => {
    await run({ action: 'move', shards: [6, 7], target: 2 });
    return (await run({ action: 'freeze', shards: [6] })).split('\n').filter((line) => line.startsWith('on cluster'));
  })();
  expect(lines).toHaveLength(2);
  const again = await run({ action: 'freeze', shards: [6, 7] });
  for (const line of lines) expect(again).toContain(line);
  expect(again).toContain('logical shard 6 was frozen already, in version 4:');
  expect(again).toContain('on cluster 1: SELECT beamstalk_close(7, 2);');
  expect(frozenAt(again)).toBe((await map.head()).version);
  await run({ action: 'finish', shards: [6, 7], frozenAt: frozenAt(again) });
});

test('a cluster that the map does not know has no fence', async () => {
  await expect(run({ action: 'fence', cluster: 77 })).rejects.toThrow('the map knows no cluster 77');
  expect(await run({ action: 'fence', cluster: 2 })).toContain('SELECT beamstalk_open(15, 1, 1);');
});

describe('what AWS does', () => {
  test.each([
    [Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }), '(Error: getaddrinfo EAI_AGAIN)'],
    [
      Object.assign(new Error('no'), { name: 'CredentialsProviderError' }),
      'with AWS credentials only; set AWS_PROFILE',
    ],
    [
      Object.assign(new Error('not allowed'), { name: 'AccessDeniedException' }),
      '(AccessDeniedException: not allowed)',
    ],
  ])('%s', async (error, message) => {
    const asked = answered(() => Promise.reject(error));
    await expect(asked).rejects.toThrow(MapError);
    await expect(asked).rejects.toThrow(message);
  });
});
