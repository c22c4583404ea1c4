import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemoryTable } from '../sharding/map-in-memory';
import { type ShardsScene, startShardsScene } from './shards/scene';
import { startWriters, type Writers } from './shards/writers';

/** Movers that are killed at a query that nobody chose. */
const KILLS = Number(process.env['SHARDS_KILLS'] ?? 2);
const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

let scene: ShardsScene;
let writers: Writers;
/** Figures are printed, whether or not a test passes. */
const figures: string[] = [];
beforeAll(async () => {
  scene = await startShardsScene(10_000, new MemoryTable());
  const { map, accounts, servers } = scene;
  // Few of the accounts are written, so that each is written often.
  const busy = accounts.filter((_, index) => index % 20 === 0);
  writers = await startWriters({ map, accounts: busy, clusters: servers.map(({ users }) => users), writers: 20 });
});
afterAll(async () => {
  await writers.stop();
  await scene.end();
  console.log(figures.join('\n'));
});

const NOTHING = { errors: [], lost: 0, twoWriters: [] };

/** Faults that nobody should have seen until now. */
function untoward(): object {
  return { errors: writers.errors.slice(0, 5), lost: writers.lost(), twoWriters: writers.ledger.twoWriters };
}

async function clustersOf(shards: readonly number[]): Promise<(number | string)[]> {
  const records = await Promise.all(shards.map((shard) => scene.map.shard(shard)));
  return [...new Set(records.map(({ state, cluster }) => (state === 'active' ? cluster : state)))];
}

/** Rows of logical shards that are on a cluster. */
async function leftOvers(cluster: 0 | 1): Promise<unknown> {
  return await scene.servers[cluster].sql(
    `select slot_name::text as what from pg_replication_slots union all select subname::text from pg_subscription
      union all select pubname::text from pg_publication union all select nspname::text from pg_namespace where nspname = 'beamstalk_move'
      union all select rolname::text from pg_roles where rolname like 'beamstalk_move%'`,
  );
}

test('they move there, in portions, while users write', async () => {
  writers.ledger.worst = 0;
  await scene.act('move', ALL, { shardsAtOnce: 5 });
  figures.push(...scene.reports.splice(0), `worst write ${Math.round(writers.ledger.worst)} ms`);
  expect(await clustersOf(ALL)).toEqual([1]);
  expect(untoward()).toEqual(NOTHING);
  expect([await leftOvers(0), await leftOvers(1)]).toEqual([[], []]);
});

/** Kills the mover at the change of the map to a state, by its number. */
function killAt(state: string, number: number): (now: string, kill: () => void) => void {
  let seen = 0;
  return (now, kill) => {
    if (!now.includes(state)) return;
    seen += 1;
    if (seen === number) kill();
  };
}

const ENDED = 'the other process has ended';

test('and back, through movers that are killed', async () => {
  const move = (options: Parameters<ShardsScene['act']>[2]) => scene.act('move', ALL, { to: 0, ...options });
  await expect(move({ killAt: 'copying rows' })).rejects.toThrow(ENDED);
  await expect(move({ beforeChange: killAt('frozen', 5) })).rejects.toThrow(ENDED);
  expect(await clustersOf(ALL)).toEqual(['frozen', 'moving']);
  // The eight that were frozen, or moved, are taken back first, and then given over: half of them.
  await expect(move({ beforeChange: killAt('active', 12) })).rejects.toThrow(ENDED);
  expect(await clustersOf(ALL)).toEqual([0, 'frozen']);
  await expect(move({ killAt: 'all rows have come' })).rejects.toThrow(ENDED);
  await move({});
  figures.push(...scene.reports.splice(0));
  expect(await clustersOf(ALL)).toEqual([0]);
  expect(untoward()).toEqual(NOTHING);
  expect([await leftOvers(0), await leftOvers(1)]).toEqual([[], []]);
});

/** Queries of a mover of few logical shards, of which the first are those of the preflight, about. */
const [FIRST, LAST] = [140, 300];

test(`and there and back, through movers that are killed anywhere (${KILLS} times)`, async () => {
  let to = 1;
  for (let kills = 0; kills < KILLS; ) {
    const query = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const when = Math.random() < 0.5 ? 'before' : 'after';
    const killed = await scene.act('move', ALL, { to, kill: { query, when } }).then(
      () => false,
      (error: Error) => {
        if (error.message !== ENDED) throw new Error(`after a kill ${when} query ${query}: ${error.message}`);
        return true;
      },
    );
    if (killed) kills += 1;
    else to = 1 - to;
    expect(untoward()).toEqual(NOTHING);
  }
  await scene.act('move', ALL, { to });
  if (to === 1) await scene.act('move', ALL, { to: 0 });
  scene.reports.splice(0);
  expect([await leftOvers(0), await leftOvers(1)]).toEqual([[], []]);
});

test('a move that is given up leaves them where they are, and nothing on the target', async () => {
  await expect(scene.act('move', [0, 1], { killAt: 'copying rows' })).rejects.toThrow(ENDED);
  await expect(scene.act('move', [1, 2])).rejects.toThrow(
    'logical shards 0,1 move from cluster 0 to 1 together: name all of them, or none',
  );
  await scene.act('abort', [0, 1]);
  await scene.act('abort', [0, 1]);
  figures.push(...scene.reports.splice(0));
  expect(await clustersOf([0, 1])).toEqual([0]);
  expect([await leftOvers(0), await leftOvers(1)]).toEqual([[], []]);
});

test('every row is on its cluster alone, as its writer left it', async () => {
  await pause(1500);
  await writers.stop();
  const { commits } = writers.ledger;
  const wrong = await scene.audit(writers.ledger);
  figures.push(`${commits} commits, ${wrong.length} rows lost, doubled or astray`);
  expect(wrong).toEqual([]);
  expect(untoward()).toEqual(NOTHING);
  expect(commits).toBeGreaterThan(2000);
});
