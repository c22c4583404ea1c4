import { beforeEach, describe, expect, test } from 'vitest';
import { perform, type ShardsRequest } from '../../lib/commands/shards';
import { answered } from '../../lib/commands/shards/answered';
import { type FrozenShard, frozenShards } from '../../lib/commands/shards/frozen-shards';
import { HalfwayError } from '../../lib/commands/shards/one-by-one';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { MapError } from '../../lib/sharding/map-items';
import type { MapTable } from '../../lib/sharding/map-table';
import { described, mapIn } from './map-in-dynamodb';
import { MemoryTable } from './map-in-memory';

const configuration = readConfiguration({
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
  return perform(request, map, deployed, configuration);
}

/** A move, frozen: what `freeze` says to finish. */
async function frozen(shards: readonly number[], target = 2): Promise<FrozenShard[]> {
  await run({ action: 'move', shards, target });
  return frozenIn(await run({ action: 'freeze', shards }));
}

/** Logical shards and versions of the command that `freeze` prints. */
function frozenIn(text: string): FrozenShard[] {
  const [, shards = ''] = /`beamstalk shards finish (\S+) --env dev`/.exec(text) ?? [];
  return frozenShards(shards) ?? expect.fail(`no command: ${text}`);
}

function finish(frozen: readonly FrozenShard[]): Promise<string> {
  return run({ action: 'finish', frozen });
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
    const both = await frozen([3, 4]);
    const three = both.slice(0, 1);
    const first = await finish(three);
    expect(first).toContain('on cluster 2: SELECT beamstalk_open(3, 3,');
    expect(await finish(three)).toBe(first);
    const all = await finish(both);
    expect(all).toContain('on cluster 2: SELECT beamstalk_open(3, 3,');
    expect(all).toContain('on cluster 2: SELECT beamstalk_open(4, 3,');
    expect(await finish(both)).toBe(all);
  });

  test.each<[string, () => Promise<readonly FrozenShard[]>]>([
    ['never moved', async () => [{ shard: 3, version: 1 }]],
    [
      'was aborted',
      async () => {
        const ours = await frozen([3]);
        await run({ action: 'abort', shards: [3] });
        return ours;
      },
    ],
    [
      'was aborted before it was frozen',
      async () => {
        await run({ action: 'move', shards: [3], target: 2 });
        await run({ action: 'abort', shards: [3] });
        return [{ shard: 3, version: 3 }];
      },
    ],
    [
      'was aborted, and moved by somebody else',
      async () => {
        const ours = await frozen([3]);
        await run({ action: 'abort', shards: [3] });
        await finish(await frozen([3], 1));
        return ours;
      },
    ],
    [
      'was finished by somebody else, out of an earlier freeze than the one that is named',
      async () => {
        await finish(await frozen([3], 1));
        return [{ shard: 3, version: 30 }];
      },
    ],
    [
      'came to its target while another was frozen in the version that is named',
      async () => {
        await finish(await frozen([3], 1));
        return (await frozen([4])).map(({ version }) => ({ shard: 3, version }));
      },
    ],
    [
      'has moved on since',
      async () => {
        const ours = await frozen([3]);
        await finish(ours);
        await finish(await frozen([3], 0));
        return ours;
      },
    ],
  ])('is refused for one that %s', async (_, before) => {
    const named = await before();
    const { version } = await map.head();
    await expect(finish(named)).rejects.toThrow(
      `nothing shows that it was frozen in version ${named[0]?.version} and finished then`,
    );
    expect((await map.head()).version).toBe(version);
  });

  test('is refused when the log has forgotten', async () => {
    const ours = await frozen([3]);
    await finish(ours);
    for (const key of table.items.keys()) if (key.startsWith('change#')) table.items.delete(key);
    await expect(finish(ours)).rejects.toThrow('nothing shows');
  });

  describe('leaves a move of somebody else alone', () => {
    /** Frozen for cluster 2 and aborted; then somebody else froze it for cluster 1, in version 6. */
    beforeEach(async () => {
      expect(await frozen([3])).toEqual([{ shard: 3, version: 3 }]);
      await run({ action: 'abort', shards: [3] });
      expect(await frozen([3], 1)).toEqual([{ shard: 3, version: 6 }]);
    });

    test.each([1, 3, 5, 7, 30])('when version %i is named', async (version) => {
      const before = await map.whole();
      await expect(finish([{ shard: 3, version }])).rejects.toThrow(
        `logical shard 3 was frozen in version 6, not in ${version}; look at \`status\``,
      );
      expect(await map.whole()).toEqual(before);
    });

    test('when another is frozen later, and all others with it', async () => {
      const four = await frozen([4]);
      expect(four).toEqual([{ shard: 4, version: 8 }]);
      const named = [...four, { shard: 3, version: 8 }];
      await expect(finish(named)).rejects.toThrow('logical shard 3 was frozen in version 6, not in 8');
      expect(await map.shard(4)).toMatchObject({ state: 'frozen' });
    });
  });
});

/** The other was frozen in version 4. */
const FINISH_ONE_THAT_MOVES: ShardsRequest = {
  action: 'finish',
  frozen: [
    { shard: 13, version: 4 },
    { shard: 12, version: 2 },
  ],
};

describe('nothing is done when one of several cannot be', () => {
  test.each<[ShardsRequest, string]>([
    [{ action: 'move', shards: [6, 7, 16], target: 2 }, 'there is no logical shard 16: the map has 16, from 0 to 15'],
    [{ action: 'move', shards: [6, 3], target: 0 }, 'logical shard 3 is on cluster 0; name another cluster'],
    [{ action: 'move', shards: [6, 7], target: 7 }, 'the map knows no cluster 7'],
    [{ action: 'freeze', shards: [12, 3] }, 'logical shard 3 is active on cluster 0; freeze wants it moving'],
    [FINISH_ONE_THAT_MOVES, 'logical shard 12 is moving from cluster 2 to 0; finish wants it frozen'],
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

  test('freeze, with the command that finishes what is frozen', async () => {
    await run({ action: 'move', shards: [6, 7], target: 2 });
    failAt(2);
    const error = await halfway({ action: 'freeze', shards: [6, 7] });
    expect(error.said).toContain('on cluster 1: SELECT beamstalk_close(6, 2);');
    expect(error.message).toContain('not done: 7;');
    table.beforeTransaction = () => undefined;
    const six = frozenIn(error.said);
    expect(six.map(({ shard }) => shard)).toEqual([6]);
    expect(await finish(six)).toContain('on cluster 2: SELECT beamstalk_open(6, 3,');
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
  expect(again).toContain('verify, and run `beamstalk shards finish 6@4,7@5 --env dev`.');
  await finish(frozenIn(again));
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
