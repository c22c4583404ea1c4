import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unchangedInventory } from '../../lib/move/actions/records';
import { turnTo } from '../../lib/move/actions/turn';
import { freeze } from '../../lib/move/freeze';
import type { Move } from '../../lib/move/move';
import { abandon, back, finish, rehearse, start, status, switchOver } from '../../lib/move/mover';
import { namesOf } from '../../lib/move/names';
import { keyOf, readRecord } from '../../lib/move/record';
import type { Frozen } from '../../lib/move/results';
import { asOwner } from '../../lib/move/session';
import { type Databases, makeDatabases } from './databases';
import { until } from './machine';
import { PROMPT, type Server, startServer } from './servers';

// A proof is of one switch, and what is written of a switch holds for that one: commits in doubt, movers that lost their lock, and
// records of earlier versions.

let source: Server;
let target: Server;
beforeAll(async () => {
  const settings = { ...PROMPT, fsync: 'off' };
  [source, target] = await Promise.all([
    startServer({ number: 40, title: 'the source', settings }),
    startServer({ number: 41, title: 'the target', settings }),
  ]);
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

async function begun(id: string): Promise<{ databases: Databases; move: Move }> {
  const databases = await makeDatabases(source, target);
  await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
  const move = databases.move({ id });
  await start(move);
  return { databases, move };
}

/**
 * Runs a switch whose commit is in doubt: the connection breaks, and the commit lands when somebody waits for what it holds, or the mover
 * is about to look where it stands.
 */
async function inDoubt(databases: Databases, move: Move): Promise<Frozen> {
  const { query, end } = Client.prototype;
  let [said, landed]: [boolean, Promise<unknown> | undefined] = [false, undefined];
  const isDue = async (): Promise<boolean> =>
    said ||
    (await databases.onSource("select from pg_locks where not granted and locktype = 'transactionid'")).length > 0;
  Client.prototype.query = function doubting(this: Client, ...given: unknown[]): unknown {
    if (landed !== undefined || given[0] !== 'commit') return Reflect.apply(query, this, given);
    landed = until('somebody who waits for the commit', isDue).then(() => Reflect.apply(query, this, given));
    // The mover is rid of it at once, as of one that broke.
    landed.then(() => Reflect.apply(end, this, [])).catch(() => undefined);
    this.end = (() => Promise.resolve()) as typeof end;
    return Promise.reject(new Error('Connection terminated unexpectedly'));
  } as typeof query;
  const report = (line: string): void => {
    said ||= line.startsWith('the freeze was interrupted');
    move.report(line);
  };
  try {
    // The server must not end the transaction before.
    return await switchOver({ ...move, report, limits: { ...move.limits, freezeMilliseconds: 10_000 } });
  } finally {
    Client.prototype.query = query;
    await landed;
    expect(said).toBe(true);
  }
}

/** A row that the target alone has, and that does not come back: it has come from a third server. */
function stray(server: string): string {
  return `select pg_replication_origin_create('${server}'); select pg_replication_origin_session_setup('${server}');
    set session_replication_role = replica; insert into a values (1000, 'stray')`;
}

test('a switch whose commit was in doubt, and whose mover is lost while comparing, has no proof of the one before', async () => {
  const { databases, move } = await begun('doubt');
  await switchOver(move);
  await back(move);
  const lost = (line: string): void => {
    if (line === 'comparing the rows of both sides') throw new Error('the machine is lost');
  };
  await expect(inDoubt(databases, { ...move, report: lost })).rejects.toThrow('was interrupted (the machine is lost)');
  expect(await status(move)).toMatchObject({
    ...{ epoch: 3, serving: 'target', verified: false },
    next: 'switch compares the rows once more; or back',
  });
  await expect(finish(move)).rejects.toThrow('rows were not compared: run switch again');
  await databases.onTarget("set role app_owner; insert into a (note) values ('two')");
  expect(await switchOver(move)).toMatchObject({ from: 'source', to: 'target', verification: { rows: 2 } });
  expect(await status(move)).toMatchObject({ epoch: 3, verified: true, next: 'finish, or back' });
  expect(await finish(move)).toMatchObject({ epoch: 3, rows: 2 });
});

test.each([
  ['a switch', (_: Databases, move: Move) => switchOver(move)],
  ['a switch whose commit was in doubt', inDoubt],
])('rows that differ after %s leave no proof', async (what, switching) => {
  const { databases, move } = await begun(`differs_${what.length}`);
  await switchOver(move);
  await back(move);
  await databases.onTarget(stray(move.id));
  const made = await switching(databases, move);
  expect(made).toMatchObject({ from: 'source', to: 'target', verification: { equal: false } });
  expect(await status(move)).toMatchObject({
    ...{ epoch: 3, serving: 'target', verified: false },
    next: 'switch compares the rows once more; or back',
  });
  await expect(finish(move)).rejects.toThrow(/rows differ \("public"."a": \d and \d rows\): run back/);
});

test('a turn that was not decided leaves the proof of the switch before, and so does a rehearsal', async () => {
  const { databases, move } = await begun('undecided');
  await switchOver(move);
  const { administrator } = databases.target;
  const busy = new Client({ ...administrator, ssl: { ca: administrator.authority } });
  await busy.connect();
  await busy.query('begin; set role app_owner; lock table a in share row exclusive mode');
  const hasty = { ...move, limits: { ...move.limits, patienceSeconds: 2 } };
  await expect(back(hasty)).rejects.toThrow('nothing has changed');
  await busy.end();
  await rehearse(move);
  expect(await status(move)).toMatchObject({ epoch: 1, verified: true, next: 'finish, or back' });
  expect(await finish(move)).toMatchObject({ epoch: 1, rows: 1 });
});

/** What earlier versions kept: a proof that names no switch. */
const EARLIER = `update beamstalk_move.moves set details = details - 'compared' || jsonb_build_object(
  'verifiedAt', '2026-11-30T00:00:00.000Z', 'frozen', coalesce(details->'frozen', details->'compared'->'frozen'))`;

test('a proof of an earlier version, which names no switch, is none: switch compares once more', async () => {
  const { databases, move } = await begun('earlier');
  await switchOver(move);
  await databases.onSource(EARLIER);
  expect(await status(move)).toMatchObject({ verified: false, next: 'switch compares the rows once more; or back' });
  await expect(finish(move)).rejects.toThrow('rows were not compared: run switch again');
  await switchOver(move);
  const [kept] = await databases.onSource('select details from beamstalk_move.moves');
  expect(kept?.['details']).not.toHaveProperty('verifiedAt');
  expect(await status(move)).toMatchObject({ verified: true, next: 'finish, or back' });
  expect(await finish(move)).toMatchObject({ epoch: 1, rows: 1 });
});

test('a move that an earlier version has half finished is taken down to its end, and gives no evidence', async () => {
  const { databases, move } = await begun('half');
  await switchOver(move);
  await databases.onSource(EARLIER);
  await databases.onSource("update beamstalk_move.moves set step = 'finished'");
  expect(await status(move)).toMatchObject({ verified: false, next: 'finish once more: it was interrupted' });
  const says =
    'no record says that its rows were equal after the last switch: compare them yourself before you contract';
  await expect(finish(move)).rejects.toThrow(`half is finished, and ${says}`);
  expect(await status(move)).toMatchObject({ verified: false, next: `contract, but ${says}`, problems: [] });
  await databases.onTarget("set role app_owner; insert into a (note) values ('a user')");
});

test('a mover whose users were switched elsewhere meanwhile writes nothing of its switch', async () => {
  const { move } = await begun('overtaken');
  let turned = false;
  const overtaken: Move = {
    ...move,
    announce: async (place) => {
      if (place !== 'target' || turned) return;
      turned = true;
      await turnTo(move, 'source');
    },
  };
  await expect(switchOver(overtaken)).rejects.toThrow('another mover has switched overtaken meanwhile');
  expect(await status(move)).toMatchObject({
    ...{ epoch: 2, serving: 'source', verified: true },
    next: 'rehearse, then switch; or abandon',
  });
  await abandon(move);
});

test('finish takes nothing down when another mover has gone back meanwhile', async () => {
  const { databases, move } = await begun('returned');
  await switchOver(move);
  const returned: Move = { ...move, announce: async () => void (await turnTo(move, 'source')) };
  await expect(finish(returned)).rejects.toThrow('another mover has switched returned meanwhile');
  expect(await status(move)).toMatchObject({ step: 'ready', epoch: 2, serving: 'source', problems: [] });
  await databases.onSource("set role app_owner; insert into a (note) values ('a user')");
  await abandon(move);
});

test('a way back that comes late opens no source that is finished', async () => {
  const { databases, move } = await begun('late');
  await switchOver(move);
  const record = await asOwner(move.source, (client) => readRecord(client, move.id));
  if (record === undefined) throw new Error('there is no record');
  const inventory = await unchangedInventory(move, { source: record });
  await databases.onSource("update beamstalk_move.moves set step = 'finished'");
  const key = keyOf(move.id, record);
  const late = freeze({ move, key, names: namesOf(move.id), inventory, from: 'target', epoch: 2, commits: true });
  const said = await late.then(
    () => 'done',
    (error: Error) => error.message,
  );
  expect(said).toContain('another mover has switched late meanwhile');
  await databases.onTarget("set role app_owner; insert into a (note) values ('a user')");
  expect(await finish(move)).toMatchObject({ epoch: 1, rows: 1 });
});

test('start that another mover is giving up meanwhile does not call it whole', async () => {
  const databases = await makeDatabases(source, target);
  await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
  const move = databases.move({ id: 'given_up' });
  const report = (line: string): void => {
    if (line === 'making indexes and constraints') givenUp = databases.onSource(GIVES_UP);
  };
  const GIVES_UP = "update beamstalk_move.moves set step = 'abandoning'";
  let givenUp: Promise<unknown> | undefined;
  await expect(start({ ...move, report })).rejects.toThrow(
    'abandon of given_up was interrupted: run abandon once more',
  );
  await givenUp;
  expect((await status(move)).step).toBe('abandoning');
  await abandon(move);
});
