import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../lib/resharding/move-shards';
import { DEFAULT_RESHARDING_LIMITS } from '../../lib/resharding/resharding';
import { logicalShardOf } from '../../lib/sharding/logical-shard';
import { writerOf } from '../../lib/sharding/shard-map';
import { startDynamoDb } from '../peers/dynamodb';
import type { Peer } from '../peers/peer';
import { described, emptyTable } from '../sharding/map-in-dynamodb';
import { cut, heal } from './network';
import { LOGICAL_SHARDS, type ShardsScene, startShardsScene, TABLES } from './shards/scene';
import { startWriters, type Writers } from './shards/writers';

/** Servers that are killed at a moment that nobody chose. */
const KILLS = Number(process.env['SHARDS_SERVER_KILLS'] ?? 1);
const ALL = [0, 1, 2, 3, 4, 5];
/** Logical shard that nobody writes. */
const QUIET = 7;

let peer: Peer;
let client: DynamoDBClient;
let scene: ShardsScene;
let writers: Writers;
/** Figures are printed, whether or not a test passes. */
const figures: string[] = [];
beforeAll(async () => {
  peer = await startDynamoDb();
  client = new DynamoDBClient(peer);
  scene = await startShardsScene(2000, await emptyTable(client, 'map'));
  const { map, accounts, servers } = scene;
  const busy = accounts.filter((account, index) => index % 10 === 0 && shardOf(account) !== QUIET);
  writers = await startWriters({ map, accounts: busy, clusters: servers.map(({ users }) => users), writers: 10 });
});
afterAll(async () => {
  await writers?.stop();
  await scene?.end();
  client?.destroy();
  await peer?.stop();
  console.log(figures.join('\n'));
});

function shardOf(account: string): number {
  return logicalShardOf(account, LOGICAL_SHARDS);
}

/** Account of a logical shard that nobody writes. */
function accountOf(shard: number): string {
  const found = scene.accounts.find((account, index) => index % 10 !== 0 && shardOf(account) === shard);
  if (found === undefined) throw new Error(`there is no account of logical shard ${shard}`);
  return found;
}

/** Calls at one change of the map to a state, by its number. */
function atChange(state: string, number: number, call: () => Promise<void> | void) {
  let seen = 0;
  return async (now: string): Promise<void> => {
    if (!now.includes(state)) return;
    seen += 1;
    if (seen === number) await call();
  };
}

async function clustersOf(shards: readonly number[]): Promise<(number | string)[]> {
  const records = await Promise.all(shards.map((shard) => scene.map.shard(shard)));
  return [...new Set(records.map(({ state, cluster }) => (state === 'active' ? cluster : state)))];
}

/** Logical shards that users cannot write, whatever they try. */
async function notWritten(shards: readonly number[]): Promise<number[]> {
  const open = new Set<string>();
  for (const [cluster, { sql }] of scene.servers.entries()) {
    const rows = await sql('select shard, epoch from beamstalk_fence where open');
    for (const { shard, epoch } of rows) open.add(`${shard}@${epoch} on ${cluster}`);
  }
  const records = await Promise.all(shards.map((shard) => scene.map.shard(shard)));
  return records
    .filter((record) => !open.has(`${record.shard}@${record.epoch} on ${writerOf(record)}`))
    .map(({ shard }) => shard);
}

function untoward(): object {
  return { errors: writers.errors.slice(0, 5), twoWriters: writers.ledger.twoWriters };
}
const NOTHING = { errors: [], twoWriters: [] };
const ENDED = 'the other process has ended';

test('while somebody else changes the map, each step is done once', async () => {
  const [, other] = described(2);
  let [on, changes] = [true, 0];
  const loop = async (): Promise<void> => {
    for (; on && other !== undefined; changes++) {
      await scene.map.register(other);
      await pause(40);
    }
  };
  const others = [loop()];
  try {
    await scene.act('move', ALL);
    await scene.act('move', ALL, { to: 0 });
  } finally {
    on = false;
    await Promise.all(others);
  }
  figures.push(`${changes} other changes of the map`);
  expect(changes).toBeGreaterThan(20);
  expect(await clustersOf(ALL)).toEqual([0]);
  expect({ ...untoward(), lost: writers.lost() }).toEqual({ ...NOTHING, lost: 0 });
});

describe('rows that differ once they are given over', () => {
  /** Moves a logical shard, and changes a row on the target after the first comparison. */
  async function moveAndSpoil(shard: number): Promise<string> {
    const spoil = async (): Promise<void> => {
      await scene.servers[1].sql(`update accounts set filler = 'spoilt' where account = '${accountOf(shard)}'`);
    };
    const moved = scene.act('move', [shard], { beforeChange: atChange('frozen', 1, spoil) });
    return await moved.then(
      () => 'moved',
      (error: Error) => error.message,
    );
  }

  async function oldRows(shard: number): Promise<unknown[]> {
    return await scene.servers[0].sql(`select account from accounts where account = '${accountOf(shard)}'`);
  }

  const differ = (shard: number): RegExp =>
    new RegExp(
      `old rows of the logical shards ${shard} stay on cluster 0, and users write on cluster 1:\n  (rows-differ-[0-9a-f]{8}): .* "public"."accounts": \\d+ rows each, and not the same`,
    );

  test('keep the old ones until they are mended', async () => {
    expect(await moveAndSpoil(QUIET)).toMatch(differ(QUIET));
    await expect(scene.act('move', [QUIET])).rejects.toThrow(differ(QUIET));
    expect(await oldRows(QUIET)).toHaveLength(1);
    expect([await clustersOf([QUIET]), await notWritten([QUIET])]).toEqual([[1], []]);
    const { map, servers } = scene;
    const findings = await check({
      ...{ map, shards: [QUIET], target: 1, tables: TABLES, accepted: [], limits: DEFAULT_RESHARDING_LIMITS },
      ...{ clusters: new Map(servers.map(({ side }, number) => [number, side])), report: () => undefined },
    });
    expect(findings).toMatchObject([{ id: expect.stringMatching(/^rows-differ-/), level: 'accept' }]);
    await scene.servers[1].sql(`update accounts set filler = repeat('f', 200) where account = '${accountOf(QUIET)}'`);
    await scene.act('move', [QUIET]);
    expect(scene.reports).toContain('rows that differed are equal now');
    expect(await oldRows(QUIET)).toEqual([]);
    await scene.act('move', [QUIET], { to: 0 });
  });

  test('or until the operator has accepted just these', async () => {
    const [shard] = ALL;
    const said = await moveAndSpoil(shard ?? 0);
    const id = differ(shard ?? 0).exec(said)?.[1] ?? said;
    await expect(
      scene.act('move', [shard ?? 0], { accepted: ['rows-differ', 'rows-differ-00000000'] }),
    ).rejects.toThrow(id);
    expect(await oldRows(shard ?? 0)).toHaveLength(1);
    await scene.act('move', [shard ?? 0], { accepted: [id] });
    expect(await oldRows(shard ?? 0)).toEqual([]);
    await scene.act('move', [shard ?? 0], { to: 0 });
    expect(untoward()).toEqual(NOTHING);
  });
});

test('those that a mover took back in the map alone are written again before their rows are copied', async () => {
  const killed = (state: string, number: number, killAt?: string) => {
    let kill: (() => void) | undefined;
    const at = atChange(state, number, () => kill?.());
    return scene.act('move', ALL, {
      ...(killAt !== undefined && { killAt }),
      beforeChange: (now, how) => {
        kill = how;
        return at(now);
      },
    });
  };
  await expect(killed('frozen', 4)).rejects.toThrow(ENDED);
  await expect(killed('active', ALL.length)).rejects.toThrow(ENDED);
  expect(await notWritten(ALL)).not.toEqual([]);
  await expect(killed('frozen', 1, 'copying rows')).rejects.toThrow(ENDED);
  expect(await notWritten(ALL)).toEqual([]);
  await scene.act('abort', ALL);
  expect(untoward()).toEqual(NOTHING);
});

test('a target that is cut off while they are frozen keeps users waiting for no longer than a freeze may take', async () => {
  const { number } = scene.servers[1];
  let during: number[] | undefined;
  let over: Promise<void> = Promise.resolve();
  const beCutOff = (): void => {
    cut(number, ['mover']);
    over = (async () => {
      await pause(4000);
      during = await notWritten(ALL);
      await pause(1000);
      heal(number, ['mover']);
    })();
  };
  writers.ledger.worst = 0;
  await scene.act('move', ALL, { beforeChange: atChange('frozen', ALL.length, beCutOff) });
  await over;
  figures.push(`target cut off: worst write ${Math.round(writers.ledger.worst)} ms`);
  expect(during).toEqual([]);
  expect(await clustersOf(ALL)).toEqual([1]);
  expect(untoward()).toEqual(NOTHING);
});

describe('servers that are killed', () => {
  /** Runs a move again until it is done, as its operator would. @returns What it said each time. */
  async function moveAtLast(to: 0 | 1, first: Parameters<ShardsScene['act']>[2], ready: () => Promise<void>) {
    const said: string[] = [];
    for (let tries = 0; tries < 6; tries++) {
      const action = said.at(-1)?.includes('abort takes them away') ? 'abort' : 'move';
      const failed = await scene.act(action, ALL, { to, ...(tries === 0 && first) }).then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (failed === undefined && action === 'move') return said;
      said.push(failed ?? 'aborted');
      await ready();
    }
    throw new Error(`not moved to cluster ${to}: ${said.join(' / ')}`);
  }

  test.each([
    ['source', 'frozen', 2],
    ['source', 'active', 2],
    ['target', 'frozen', ALL.length],
    ['target', 'active', 2],
  ] as const)('the %s, at change %s number %i: nothing is lost', async (which, state, number) => {
    const [from] = await clustersOf(ALL);
    const to = from === 0 ? 1 : 0;
    const lost = which === 'source' ? (to === 0 ? 1 : 0) : to;
    let there: Promise<void> = Promise.resolve();
    const beforeChange = atChange(state, number, async () => {
      await scene.servers[lost].killHard();
      there = pause(1000).then(() => scene.servers[lost].start());
    });
    const said = await moveAtLast(to, { beforeChange }, () => there);
    await there;
    figures.push(`${which} killed at ${state} ${number}: ${said.join(' / ')}`);
    expect([await clustersOf(ALL), await notWritten(ALL)]).toEqual([[to], []]);
    expect(untoward()).toEqual(NOTHING);
  });

  test(`one of them at any moment (${KILLS} times)`, async () => {
    for (let kills = 0; kills < KILLS; kills++) {
      const to = (await clustersOf(ALL))[0] === 0 ? 1 : 0;
      const [lost, after] = [Math.random() < 0.5 ? 0 : 1, 500 + Math.floor(Math.random() * 3000)] as const;
      const there = pause(after).then(async () => {
        await scene.servers[lost].killHard();
        await pause(1000);
        await scene.servers[lost].start();
      });
      const said = await moveAtLast(to, {}, () => there);
      await there;
      figures.push(`cluster ${lost} killed after ${after} ms: ${said.join(' / ')}`);
      expect([await clustersOf(ALL), await notWritten(ALL)]).toEqual([[to], []]);
      expect(untoward()).toEqual(NOTHING);
    }
  });
});

test('every row is on its cluster alone, as its writer left it', async () => {
  await pause(1500);
  await writers.stop();
  const { commits } = writers.ledger;
  const wrong = await scene.audit(writers.ledger);
  figures.push(`${commits} commits, ${wrong.length} rows lost, doubled or astray`);
  expect(wrong).toEqual([]);
  expect(untoward()).toEqual(NOTHING);
  expect(commits).toBeGreaterThan(1000);
});
