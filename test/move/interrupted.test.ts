import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unchangedInventory } from '../../lib/move/actions/records';
import { freeze } from '../../lib/move/freeze';
import type { Move } from '../../lib/move/move';
import { abandon, back, check, finish, rehearse, start, status, switchOver } from '../../lib/move/mover';
import { namesOf } from '../../lib/move/names';
import { keyOf, readRecord } from '../../lib/move/record';
import { asOwner } from '../../lib/move/session';
import { type Databases, makeDatabases } from './databases';
import type { Action } from './mover/main';
import { startProgram } from './program';
import { PROMPT, type Server, startServer } from './servers';

// Actions that were interrupted: what `status` and each other action say then is so, and names the command that goes on.

let source: Server;
let target: Server;
beforeAll(async () => {
  const settings = { ...PROMPT, fsync: 'off' };
  [source, target] = await Promise.all([
    startServer({ number: 28, title: 'the source', settings }),
    startServer({ number: 29, title: 'the target', settings }),
  ]);
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

async function made(id: string): Promise<{ databases: Databases; move: Move }> {
  const databases = await makeDatabases(source, target);
  await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
  await databases.make('create table keyless (n int)');
  return { databases, move: databases.move({ id }) };
}

/** Runs an action in a process that is killed at a query. @returns False when it was done before. */
async function isKilled(move: Move, action: Action, query: number): Promise<boolean> {
  const { announce: _announce, report: _report, ...setup } = move;
  const handlers = { announce: () => undefined, report: () => undefined };
  const mover = startProgram(join(import.meta.dirname, 'mover', 'main.ts'), handlers);
  const said = await mover.ask('act', { action, setup, kill: { query, when: 'after' } }).catch((error: Error) => error);
  mover.process.kill('SIGKILL');
  if (!(said instanceof Error)) return false;
  expect(said.message).toMatch(/has ended$/);
  return true;
}

/** Queries between two kills: each part of an action is cut by some of them. Each query of all with `MOVES_STRIDE=1 npm run test:moves -- interrupted`. */
const STRIDE = Number(process.env['MOVES_STRIDE'] ?? 9);

test('start: users write to the source, and start goes on', async () => {
  const { move } = await made('begins');
  const seen = new Set<string>();
  for (let query = 1; await isKilled(move, 'start', query); query += 3 * STRIDE) {
    const { step, serving, next, problems } = await status(move);
    expect({ serving, problems }).toEqual({ serving: 'source', problems: [] });
    seen.add(`${step}: ${next}`);
    if (step === 'new') continue;
    for (const action of [rehearse, switchOver, back, finish]) {
      await expect(action(move)).rejects.toThrow('begins is still copying: start goes on where it was');
    }
  }
  expect([...seen]).toEqual(['new: check, then start', 'copying: start goes on where it was']);
  expect(await status(move)).toMatchObject({ step: 'ready', serving: 'source', problems: [] });
  await abandon(move);
});

test('start whose target has no record yet: users write to the source', async () => {
  const { databases, move } = await made('half');
  const report = (): void => {
    throw new Error('the machine is lost');
  };
  await expect(start({ ...move, report })).rejects.toThrow('half was interrupted (the machine is lost)');
  await databases.onTarget('drop schema if exists beamstalk_move cascade');
  expect(await status(move)).toMatchObject({
    ...{ step: 'copying', serving: 'source', problems: [] },
    next: 'start goes on where it was',
  });
  await start(move);
  await abandon(move);
});

test.each(['copying', 'ready'])('abandon of a move that is %s: nothing but abandon goes on', async (step) => {
  const { databases, move } = await made(`gives_up_${step}`);
  await start(move);
  await databases.onSource(`update beamstalk_move.moves set step = '${step}'`);
  const seen = new Set<string>();
  for (let query = 1; await isKilled(move, 'abandon', query); query += STRIDE) {
    const { step: now, serving, next, problems } = await status(move);
    expect({ serving, problems }).toEqual({ serving: 'source', problems: [] });
    if (seen.has('new')) expect(now).toBe('new');
    seen.add(now);
    if (now !== 'abandoning') continue;
    expect(next).toBe('abandon once more: it was interrupted');
    const says = `abandon of ${move.id} was interrupted: run abandon once more, then start anew`;
    for (const action of [check, start, rehearse, switchOver, back, finish]) {
      await expect(action(move)).rejects.toThrow(says);
    }
  }
  expect(seen).toContain('abandoning');
  expect(await status(move)).toMatchObject({ step: 'new', next: 'check, then start', problems: [] });
  for (const at of [databases.onSource, databases.onTarget]) {
    expect(await at("select nspname from pg_namespace where nspname = 'beamstalk_move'")).toEqual([]);
  }
  await start(move);
  await abandon(move);
});

test('finish: what is left is named until there is nothing, and finish goes on', async () => {
  const { move } = await made('ends');
  await start(move);
  await switchOver(move);
  let left = 0;
  for (let query = 1; await isKilled(move, 'finish', query); query += STRIDE) {
    const { step, next, problems } = await status(move);
    if (step !== 'finished' || problems.length === 0) continue;
    left++;
    expect(next).toBe('finish once more: it was interrupted');
    const says = `ends is finished, but for what was interrupted (${problems.join('; ')}): run finish once more`;
    for (const action of [check, start, rehearse, switchOver, back]) await expect(action(move)).rejects.toThrow(says);
  }
  expect(left).toBeGreaterThan(0);
  expect(await status(move)).toMatchObject({ step: 'finished', next: 'contract', problems: [] });
  await expect(start(move)).rejects.toThrow('ends is finished: there is nothing to do but to contract');
});

test('switch and back whose nodes were not told: status says so, and abandon tells them', async () => {
  const { move } = await made('untold');
  await start(move);
  const told: string[] = [];
  const deaf: Move = { ...move, announce: () => Promise.reject(new Error('nobody listens')) };
  const hears: Move = { ...move, announce: async (place, { epoch }) => void told.push(`${place} ${epoch}`) };
  await expect(switchOver(deaf)).rejects.toThrow('the nodes could not be told (nobody listens): run switch again');
  expect(await status(move)).toMatchObject({
    ...{ serving: 'target', verified: true, problems: [] },
    next: 'switch tells the nodes, who may not have heard of it',
  });
  await switchOver(hears);
  expect((await status(move)).next).toBe('finish, or back');
  await expect(back(deaf)).rejects.toThrow('run back again');
  expect((await status(move)).next).toBe('back tells the nodes, who may not have heard of it');
  await expect(abandon(deaf)).rejects.toThrow(
    'untold is not abandoned: the nodes could not be told (nobody listens): run the same again',
  );
  expect((await status(move)).step).toBe('ready');
  await abandon(hears);
  expect(told).toEqual(['target 1', 'source 2']);
});

test.each([
  [
    'the slot beamstalk_move_gone_source on the source',
    'source',
    "select pg_drop_replication_slot('beamstalk_move_gone_source')",
  ],
  [
    'the subscription beamstalk_move_gone_target on the target',
    'target',
    'drop subscription beamstalk_move_gone_target',
  ],
] as const)('%s that somebody dropped: start says that it is not there', async (what, place, statement) => {
  const { databases, move } = await made(`gone_${place}`);
  await start(move);
  await databases.onTarget(`alter subscription beamstalk_move_gone_${place} disable`);
  await databases.onTarget(`alter subscription beamstalk_move_gone_${place} set (slot_name = none)`);
  const free = `select from pg_replication_slots where slot_name = 'beamstalk_move_gone_${place}' and not active`;
  while ((await databases.onSource(free)).length === 0) await new Promise((look) => setTimeout(look, 50));
  await (place === 'source' ? databases.onSource(statement) : databases.onTarget(statement));
  const says = `${what} is not there: abandon, and start anew`;
  expect((await status(move)).problems).toEqual([says]);
  await expect(start(move)).rejects.toThrow(`gone_${place} cannot go on: ${says}`);
  await abandon(move);
});

test('a freeze that comes late closes no source that is being abandoned', async () => {
  const { databases, move } = await made('late');
  await start(move);
  const record = await asOwner(move.source, (client) => readRecord(client, move.id));
  if (record === undefined) throw new Error('there is no record');
  const inventory = await unchangedInventory(move, { source: record });
  await databases.onSource("update beamstalk_move.moves set step = 'abandoning'");
  const key = keyOf(move.id, record);
  const late = freeze({ move, key, names: namesOf(move.id), inventory, from: 'source', epoch: 1, commits: true });
  await expect(late).rejects.toThrow('another mover has switched late meanwhile');
  await databases.onSource("set role app_owner; insert into a (note) values ('a user')");
  await abandon(move);
});
