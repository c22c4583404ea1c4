import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Move } from '../../lib/move/move';
import { abandon, back, finish, finishWithoutProof, rehearse, start, status, switchOver } from '../../lib/move/mover';
import { namesOf } from '../../lib/move/names';
import type { Status } from '../../lib/move/results';
import { type Databases, makeDatabases } from './databases';
import { until } from './machine';
import { PROMPT, type Server, startServer } from './servers';

// Rows that do not come across: `status` says what is left to do, and it is so.

let source: Server;
let target: Server;
beforeAll(async () => {
  const settings = { ...PROMPT, fsync: 'off' };
  [source, target] = await Promise.all([
    startServer({ number: 42, title: 'the source', settings }),
    startServer({ number: 43, title: 'the target', settings }),
  ]);
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

/** A move whose users write to the target. */
async function moved(id: string): Promise<{ databases: Databases; move: Move }> {
  const databases = await makeDatabases(source, target);
  await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
  const move = databases.move({ id });
  await start(move);
  await switchOver(move);
  return { databases, move };
}

const ADD = 'set role app_owner; alter table a add column late text';
const DROP = 'set role app_owner; alter table a drop column late';

/** Rows in the log of the target that no table of the source takes, since a change of the schema was taken back. */
async function stuck({ onTarget }: Databases): Promise<void> {
  await onTarget(`${ADD} default 'late'`);
  await onTarget("set role app_owner; insert into a (note) values ('with the column')");
  await onTarget(DROP);
}

/** What is said once the server has failed at a row. */
async function saidOf(databases: Databases, move: Move): Promise<Pick<Status, 'problems' | 'next'>> {
  // Those of all databases stand there.
  const errors = `select from pg_stat_subscription_stats where subname = '${namesOf(move.id).backward}' and apply_error_count > 0`;
  const failed = async (): Promise<boolean> => (await databases.onSource(errors)).length > 0;
  await until('a failure of the source to take rows', failed);
  const { problems, next } = await status(move);
  return { problems, next };
}

const AGAIN =
  'the source fails at rows of the target again and again, as after a change of the schema, also one that was taken back: ';
const MENDED = 'finish; or back, once what is wrong is mended';
const WITHOUT = 'compare the rows of both sides yourself, then finish --without-proof';
const MEND = 'give the source what its log misses (a column, say), and take it away once it follows the target';

test('a change of the schema at the target that was taken back too late: finish, which works', async () => {
  const { databases, move } = await moved('taken_back');
  await stuck(databases);
  expect(await saidOf(databases, move)).toEqual({
    problems: [`${AGAIN}${MEND}; or finish, which gives up the way back`],
    next: MENDED,
  });
  expect(await finish(move)).toMatchObject({ rows: 1 });
}, 60_000);

test('the same, mended at the source: it follows, and the way back is open again', async () => {
  const { databases, move } = await moved('mended');
  await stuck(databases);
  await saidOf(databases, move);
  await databases.onSource(ADD);
  // What was said is not called off while it is done.
  expect(await status(move)).toMatchObject({
    problems: [
      'the schema of the source has changed since the copy began: take the change back, once it follows the target; or finish, which gives up the way back',
    ],
    next: MENDED,
  });
  const followed = async (): Promise<boolean> =>
    (await databases.onSource("select from a where note = 'with the column'")).length > 0;
  await until('the row at the source', followed);
  await databases.onSource(DROP);
  expect(await status(move)).toMatchObject({ problems: [], next: 'finish, or back' });
  expect(await back(move)).toMatchObject({ to: 'source', verification: { equal: true, rows: 2 } });
}, 60_000);

test('the same in one transaction of many rows, which the server takes long to fail at', async () => {
  const { databases, move } = await moved('many_rows');
  await databases.onTarget("set role app_owner; insert into a (note) select 'many' from generate_series(1, 200000)");
  await databases.onTarget(ADD);
  await databases.onTarget("set role app_owner; update a set late = 'late'");
  await databases.onTarget(DROP);
  const { problems, next } = await saidOf(databases, move);
  expect([problems, next]).toEqual([[expect.stringContaining(MEND) as string], MENDED]);
  const again = await status(move);
  expect(again).toMatchObject({ problems, next });
}, 120_000);

test('the same, where the rows of the switch were never compared: finish would refuse, and is not named', async () => {
  const { databases, move } = await moved('unproven');
  await databases.onSource("update beamstalk_move.moves set details = details - 'compared'");
  await stuck(databases);
  expect(await saidOf(databases, move)).toEqual({
    problems: [`${AGAIN}${MEND}; or ${WITHOUT}, which gives up the way back`],
    next: 'switch compares the rows once more, or back, once what is wrong is mended',
  });
  await expect(finish(move)).rejects.toThrow(
    `unproven cannot be finished: rows were not compared: run switch again; where status says that there is no way back any more, ${WITHOUT}`,
  );
}, 60_000);

test('a way back that is gone, where the rows were never compared: an end without proof, which works', async () => {
  const { databases, move } = await moved('lost');
  await databases.onSource("update beamstalk_move.moves set details = details - 'compared'");
  await databases.onSource('alter subscription beamstalk_back_lost disable');
  await databases.onTarget(
    "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'beamstalk_back_lost'",
  );
  const free = "select from pg_replication_slots where slot_name = 'beamstalk_back_lost' and not active";
  await until('a slot that nobody reads', async () => (await databases.onTarget(free)).length > 0);
  await databases.onTarget("select pg_drop_replication_slot('beamstalk_back_lost')");
  const gone = `the slot beamstalk_back_lost on the target is not there: ${WITHOUT}; there is no way back any more`;
  expect(await status(move)).toMatchObject({ problems: [gone], next: WITHOUT });
  await expect(start(move)).rejects.toThrow(`lost cannot go on: ${gone}`);
  await expect(finish(move)).rejects.toThrow('rows were not compared');
  const said: string[] = [];
  const end = { move: 'lost', begun: expect.any(Number) as number, epoch: 1, proven: false };
  expect(await finishWithoutProof({ ...move, report: (line) => void said.push(line) })).toEqual(end);
  expect(said).toContain('rows were not compared, and lost is finished as it is');
  expect(await status(move)).toMatchObject({
    ...{ step: 'finished', verified: false, problems: [] },
    next: 'contract, but no record says that its rows were equal after the last switch: compare them yourself before you contract',
  });
  await expect(finish(move)).rejects.toThrow('lost is finished, and no record says that its rows were equal');
  expect(await finishWithoutProof(move)).toEqual(end);
  for (const on of [databases.onSource, databases.onTarget]) {
    expect(await on("select from pg_replication_slots where slot_name like 'beamstalk_%_lost'")).toEqual([]);
  }
  await databases.onTarget("set role app_owner; insert into a (note) values ('a user')");
}, 60_000);

test('an end without proof keeps a proof that there is', async () => {
  const { move } = await moved('kept');
  expect(await finishWithoutProof(move)).toMatchObject({ rows: 1, epoch: 1, verifiedAt: expect.any(String) as string });
}, 60_000);

test('a change of the schema at the source that was taken back too late: mended at the target, it follows', async () => {
  const databases = await makeDatabases(source, target);
  await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
  const move = databases.move({ id: 'forth' });
  await start(move);
  await databases.onSource(`${ADD} default 'late'`);
  await databases.onSource("set role app_owner; insert into a (note) values ('with the column')");
  await databases.onSource(DROP);
  const errors = `select from pg_stat_subscription_stats where subname = '${namesOf(move.id).forward}' and apply_error_count > 0`;
  await until('a failure of the target to take rows', async () => (await databases.onTarget(errors)).length > 0);
  expect(await status(move)).toMatchObject({
    problems: [
      'the target fails at rows of the source again and again, as after a change of the schema, also one that was taken back: give the target what its log misses (a column, say), and take it away once it follows the source; or abandon, and start anew',
    ],
    next: 'rehearse, then switch, once what is wrong is mended; or abandon',
  });
  await databases.onTarget(ADD);
  const followed = async (): Promise<boolean> =>
    (await databases.onTarget("select from a where note = 'with the column'")).length > 0;
  await until('the row at the target', followed);
  expect((await status(move)).problems).toEqual([
    'the schema of the target has changed since the copy began: take the change back, once it follows the source; or abandon, and start anew',
  ]);
  await databases.onTarget(DROP);
  expect(await status(move)).toMatchObject({ problems: [], next: 'rehearse, then switch; or abandon' });
  expect(await switchOver(move)).toMatchObject({ verification: { equal: true, rows: 2 } });
  await back(move);
  await abandon(move);
}, 60_000);

test('a change of the schema at the target: status says so, and what it takes from whom', async () => {
  const { databases, move } = await moved('changed');
  await databases.onTarget(ADD);
  const changed = 'the schema of the target has changed since the copy began: take the change back';
  expect(await status(move)).toMatchObject({
    problems: [`${changed}; or finish, which gives up the way back`],
    next: MENDED,
  });
  await expect(back(move)).rejects.toThrow('the schema of the target has changed since the copy began');
  await databases.onTarget(DROP);
  expect(await status(move)).toMatchObject({ problems: [], next: 'finish, or back' });
  await back(move);
  await databases.onTarget(ADD);
  expect((await status(move)).problems).toEqual([`${changed}, once it follows the source; or abandon, and start anew`]);
}, 60_000);

test('a failure that has passed is none', async () => {
  const { databases, move } = await moved('passed');
  await databases.onSource(`create function fail() returns trigger language plpgsql as $$ begin raise 'not yet'; end $$;
    create trigger fails before insert on a for each row execute function fail(); alter table a enable always trigger fails`);
  await databases.onTarget("set role app_owner; insert into a (note) values ('two')");
  expect((await saidOf(databases, move)).problems).toHaveLength(1);
  await databases.onSource('drop function fail cascade');
  const came = async (): Promise<boolean> => (await databases.onSource("select from a where note = 'two'")).length > 0;
  await until('the row at the source', came);
  expect((await status(move)).problems).toEqual([]);
  expect(await rehearse(move)).toMatchObject({ verification: { equal: true, rows: 2 } });
}, 60_000);

test('a failure that takes longer each time than another takes to be tried is told all the same', async () => {
  const { databases, move } = await moved('slow');
  await databases.onSource(`create function fail() returns trigger language plpgsql as $$ begin perform pg_sleep(8); raise 'slowly'; end $$;
    create trigger fails before insert on a for each row execute function fail(); alter table a enable always trigger fails`);
  await databases.onTarget("set role app_owner; insert into a (note) values ('two')");
  expect((await saidOf(databases, move)).problems).toEqual([expect.stringContaining('again and again') as string]);
}, 120_000);
