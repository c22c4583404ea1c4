import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unchangedInventory } from '../../lib/move/actions/records';
import { freeze } from '../../lib/move/freeze';
import { DEFAULT_LIMITS, type Move } from '../../lib/move/move';
import { abandon, back, finish, rehearse, start, switchOver } from '../../lib/move/mover';
import { namesOf } from '../../lib/move/names';
import { keyOf, readRecord } from '../../lib/move/record';
import { dropCopy } from '../../lib/move/schema/drop';
import { asOwner } from '../../lib/move/session';
import { lockAll } from '../../lib/move/with-locks';
import { type Databases, makeDatabases } from './databases';
import { until } from './machine';
import { cut, heal } from './network';
import { PROMPT, type Server, startServer } from './servers';

// Movers that come late, files that name the wrong database, and what others do at the wrong moment.

let source: Server;
let target: Server;
beforeAll(async () => {
  [source, target] = await Promise.all([
    startServer({ number: 19, title: 'the source', settings: { ...PROMPT, fsync: 'off', log_statement: 'ddl' } }),
    startServer({
      number: 20,
      title: 'the target',
      settings: { ...PROMPT, fsync: 'off', log_statement: 'ddl', autovacuum_naptime: '1s' },
    }),
  ]);
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

const WRITERS_OF_TARGET = "set role app_owner; insert into a (note) values ('at the target')";

async function begun(id: string, made: string): Promise<{ databases: Databases; move: Move }> {
  const databases = await makeDatabases(source, target);
  await databases.make(made);
  const move = databases.move({ id });
  await start(move);
  return { databases, move };
}

const A = "create table a (id serial primary key, note text); insert into a (note) values ('one')";
const NEXT = `set role app_owner; select nextval('a_id_seq')::int as next`;

test('sessions wait for the disk, and have none of the limits of the application', async () => {
  const databases = await makeDatabases(source, target);
  const settings = {
    ...{ synchronous_commit: 'off', idle_session_timeout: '1min', transaction_timeout: '1min' },
    ...{ default_transaction_isolation: 'serializable', default_transaction_read_only: 'on' },
  };
  const name = databases.source.owner.database;
  for (const [setting, value] of Object.entries(settings)) {
    await databases.onSource(`alter role app in database ${name} set ${setting} = '${value}'`);
  }
  const seen = await asOwner(databases.source, async (client) => {
    const { rows } = await client.query(
      'select name, setting from pg_settings where name = any ($1) order by name collate "C"',
      [Object.keys(settings)],
    );
    return rows;
  });
  expect(seen).toEqual([
    { name: 'default_transaction_isolation', setting: 'read committed' },
    { name: 'default_transaction_read_only', setting: 'off' },
    { name: 'idle_session_timeout', setting: '0' },
    { name: 'synchronous_commit', setting: 'on' },
    { name: 'transaction_timeout', setting: '0' },
  ]);
});

test('a sequence that was set and not used since goes on where it was set, there and back', async () => {
  const { databases, move } = await begun('sequences', `${A}; create sequence down increment -1 minvalue -1000`);
  await databases.onSource("select setval('a_id_seq', 5000, false), setval('down', -500, false)");
  await switchOver(move);
  const next = "set role app_owner; select nextval('a_id_seq')::int as up, nextval('down')::int as down";
  expect(await databases.onTarget(next)).toEqual([{ up: 5100, down: -600 }]);
  await databases.onTarget("select setval('a_id_seq', 9000, false)");
  await back(move);
  expect(await databases.onSource(next)).toEqual([{ up: 9100, down: -701 }]);
  await abandon(move);
});

describe('a mover that wakes up when another one has switched', () => {
  test('at the freeze: neither opens anything nor sets sequences back', async () => {
    const { databases, move } = await begun('sleeper', A);
    const records = await asOwner(move.source, (client) => readRecord(client, move.id));
    if (records === undefined) throw new Error('there is no record');
    const inventory = await unchangedInventory(move, { source: records });
    await switchOver(move);
    for (let n = 0; n < 150; n++) await databases.onTarget(WRITERS_OF_TARGET);
    const key = keyOf(move.id, records);
    const late = freeze({ move, key, names: namesOf(move.id), inventory, from: 'source', epoch: 1, commits: true });
    await expect(late).rejects.toThrow('another mover has switched sleeper meanwhile');
    expect(await databases.onTarget(NEXT)).toEqual([{ next: 252 }]);
    await finish(move);
  });

  test('while it completes a switch: leaves the side as the other one has left it', async () => {
    const { databases, move } = await begun('completer', A);
    const record = (place: 'onSource' | 'onTarget', closed: boolean, epoch: number) =>
      databases[place](`update beamstalk_move.moves set closed = ${closed}, epoch = ${epoch}`);
    await record('onSource', true, 1);
    const says = 'a switch to the target was interrupted: switch completes it';
    for (const action of [finish, abandon, rehearse]) await expect(action(move)).rejects.toThrow(says);
    const held = new Client({
      ...target.users,
      database: move.target.owner.database,
      ssl: { ca: target.users.authority },
    });
    await held.connect();
    await held.query('begin; lock table a');
    const late = switchOver(move);
    await pause(1500);
    // Another one has opened the target meanwhile, and come back since.
    await record('onTarget', true, 2);
    await record('onSource', false, 2);
    await held.query('commit');
    await held.end();
    await expect(late).rejects.toThrow('another mover has switched completer meanwhile');
    await expect(databases.onTarget(WRITERS_OF_TARGET)).rejects.toMatchObject({ code: 'BM001' });
    await abandon(move);
  });

  test('to abandon: takes nothing away that users write to', async () => {
    const { databases, move } = await begun('abandoner', A);
    await switchOver(move);
    // As far as the other one has come: it has ended both directions.
    await databases.onTarget('alter subscription beamstalk_move_abandoner disable');
    await databases.onSource('alter subscription beamstalk_back_abandoner disable');
    await databases.onTarget('alter subscription beamstalk_move_abandoner set (slot_name = none)');
    await databases.onSource('alter subscription beamstalk_back_abandoner set (slot_name = none)');
    await databases.onTarget('drop subscription beamstalk_move_abandoner; drop publication beamstalk_back_abandoner');
    await databases.onSource('drop subscription beamstalk_back_abandoner');
    await databases.onTarget("select pg_drop_replication_slot('beamstalk_back_abandoner')");
    await expect(dropCopy(move)).rejects.toThrow('users write to the target: run back first');
    await databases.onTarget(WRITERS_OF_TARGET);
    await finish(move);
  });
});

describe('a file that names another target', () => {
  test('which knows nothing of the move: abandon leaves the source closed', async () => {
    const { databases, move } = await begun('wrong', A);
    await switchOver(move);
    const other = await makeDatabases(source, target);
    await expect(abandon({ ...move, target: other.target })).rejects.toThrow(
      'the source takes no writes, and the target knows nothing of wrong: is it the database that was copied to?',
    );
    await expect(databases.onSource(WRITERS_OF_TARGET)).rejects.toMatchObject({ code: 'BM001' });
    await finish(move);
  });

  test('which has a move of the same name: nothing is done to it', async () => {
    const { databases, move } = await begun('namesake', A);
    const stray = await makeDatabases(source, target);
    await stray.onTarget(`set role app_owner; create schema beamstalk_move; create table beamstalk_move.moves as
      select move, step, true as closed, epoch, '{"pair": "another"}'::jsonb as details from (values ('namesake', 'ready', 0)) v (move, step, epoch)`);
    const crossed = { ...move, target: stray.target };
    const said = 'the source and the target are not of one move namesake: is the file that of another one?';
    for (const action of [rehearse, switchOver, abandon]) await expect(action(crossed)).rejects.toThrow(said);
    expect(await databases.onSource('select count(*)::int as slots from pg_replication_slots')).toEqual([{ slots: 1 }]);
    await abandon(move);
  });
});

test('abandon tells the nodes of a way back that they have not heard of, and ends nothing while it cannot', async () => {
  const { databases, move } = await begun('unheard', A);
  const told: string[] = [];
  const answers = async (place: string, { epoch }: { epoch: number }): Promise<void> => {
    told.push(`${place} ${epoch}`);
  };
  await switchOver({ ...move, announce: answers });
  const silent = async (): Promise<void> => {
    throw new Error('nobody answers');
  };
  await back({ ...move, announce: silent }).catch(() => undefined);
  await expect(abandon({ ...move, announce: silent })).rejects.toThrow(
    'unheard is not abandoned: the nodes could not be told (nobody answers): run the same again',
  );
  expect(await databases.onTarget(`select count(*)::int as rows from a`)).toEqual([{ rows: 1 }]);
  await abandon({ ...move, announce: answers });
  expect(told).toEqual(['target 1', 'source 2']);
  expect(await databases.onTarget(`select to_regclass('public.a') as there`)).toEqual([{ there: null }]);
});

test('a target that is down does not keep abandon from freeing the disk of the source', async () => {
  const { databases, move } = await begun('down', A);
  await target.stop();
  await expect(abandon(move)).rejects.toThrow('the target cannot be reached');
  expect(await databases.onSource('select slot_name from pg_replication_slots')).toEqual([]);
  await target.start();
  await abandon(move);
  expect(await databases.onTarget("select from pg_namespace where nspname = 'beamstalk_move'")).toEqual([]);
});

test('a change of the schema at the target while back waits leaves the way to the end', async () => {
  const { databases, move } = await begun('migrated', A);
  await switchOver(move);
  // The freeze of back waits for this, and finds the column when it has the table.
  const { administrator } = databases.target;
  const busy = new Client({ ...administrator, ssl: { ca: administrator.authority } });
  await busy.connect();
  await busy.query("begin; set role app_owner; insert into a (note) values ('two')");
  const backing = back(move).catch((error: Error) => error.message);
  await pause(3000);
  await busy.query('alter table a add column late text; commit');
  await busy.end();
  expect(await backing).toContain('take the change back; status says what else is left to do');
  expect(await finish(move)).toMatchObject({ rows: 1 });
});

test('a partition that is made while the freeze waits is noticed', async () => {
  const parted = `create table p (id int primary key) partition by range (id);
    create table p_1 partition of p for values from (0) to (100)`;
  const { databases, move } = await begun('partitions', parted);
  const writer = new Client({
    ...source.users,
    database: move.source.owner.database,
    ssl: { ca: source.users.authority },
  });
  await writer.connect();
  await writer.query('begin; insert into p values (1)');
  const waiting = rehearse(move);
  await pause(2000);
  await writer.query('create table p_2 partition of p for values from (100) to (200); commit');
  await writer.end();
  await expect(waiting).rejects.toThrow('the schema of the source has changed since the copy began');
  await databases.onSource('set role app_owner; drop table p_2');
  expect(await rehearse(move)).toMatchObject({ verification: { equal: true, rows: 1 } });
  await abandon(move);
});

test('a vacuum of the target gives way before writers of the source wait', async () => {
  const { databases, move } = await begun(
    'vacuum',
    `${A}; insert into a (note) select repeat('x', 500) from generate_series(1, 20000)`,
  );
  await databases.onTarget(
    'alter table a set (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = 1, autovacuum_vacuum_insert_scale_factor = 0)',
  );
  // The server may have vacuumed what was copied by now: what is dead has it come again.
  await databases.onTarget('set session_replication_role = replica; update a set note = note');
  const vacuums = "select from pg_stat_activity where backend_type = 'autovacuum worker' and query like '%public.a%'";
  while ((await databases.onTarget(vacuums)).length === 0) await pause(50);
  expect(await rehearse(move)).toMatchObject({ triesBefore: 0, verification: { equal: true } });
  await abandon(move);
}, 75_000);

test('the time for locks is that for all tables together', async () => {
  const databases = await makeDatabases(source, target);
  const names = ['t1', 't2', 't3', 't4'];
  await databases.make(names.map((name) => `create table ${name} (id int)`).join(';'));
  const held = names.map(async (name, n) =>
    databases.onSource(`begin; lock table ${name} in row exclusive mode; select pg_sleep(${0.7 + 0.3 * n}); commit`),
  );
  await pause(500);
  // A table at a time would be waited for no longer than 0.3 s, and all would be had in the end.
  const locked = asOwner(databases.source, async (client) => {
    await client.query('begin');
    await lockAll(
      client,
      names.map((name) => ({ schema: 'public', name })),
      500,
    );
  });
  await expect(locked).rejects.toMatchObject({ code: '57014' });
  await Promise.all(held);
});

test('no log of statements that change the schema holds a password', async () => {
  const { move } = await begun('logged', A);
  await abandon(move);
  for (const server of [source, target]) {
    expect(server.log()).toContain('alter subscription "beamstalk_');
    expect(new Set(server.log().match(/(?<=password='+)[\w-]+/g))).toEqual(new Set(['none']));
  }
});

test('two databases of one server follow each other after it has started anew', async () => {
  const databases = await makeDatabases(target, target);
  await databases.make(A);
  const move = { ...databases.move({ id: 'one_server' }), limits: { ...DEFAULT_LIMITS, patienceSeconds: 15 } };
  await start(move);
  await target.stop();
  await target.start();
  expect(await rehearse(move)).toMatchObject({ verification: { equal: true, rows: 1 } });
  await abandon(move);
  expect(await databases.onTarget("select rolname from pg_roles where rolname ~ '^beamstalk_'")).toEqual([]);
});

test('a source that crashes once users were let in at the target comes up closed', async () => {
  const { databases, move } = await begun('crash', A);
  const { database } = databases.source.owner;
  await databases.onSource(`alter role app in database ${database} set synchronous_commit = off`);
  await expect(switchOver({ ...move, announce: () => source.killHard() })).rejects.toThrow('run the same again');
  await databases.onTarget(WRITERS_OF_TARGET);
  await source.start();
  await expect(databases.onSource(WRITERS_OF_TARGET)).rejects.toMatchObject({ code: 'BM001' });
  await switchOver(move);
  await finish(move);
});

test('a limit of the database for statements does not end the copy of a table that takes longer', async () => {
  const databases = await makeDatabases(source, target);
  await databases.make(`${A}; insert into a (note) select repeat('x', 1000) from generate_series(1, 30000)`);
  await databases.onSource(`alter database ${databases.source.owner.database} set statement_timeout = '1s'`);
  let made: Promise<unknown> = Promise.resolve();
  const report = (line: string): void => {
    if (line === 'copying rows') made = databases.onTarget(slowCopy(3));
  };
  const move = { ...databases.move({ id: 'slow' }), report };
  await start(move);
  await made;
  expect(source.log()).not.toMatch(/beamstalk_move_slow ERROR: {2}canceling statement/);
  await databases.onTarget('drop function slow cascade');
  await abandon(move);
});

/** Makes the copy of `a` take so many seconds more. */
function slowCopy(seconds: number): string {
  return `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(${seconds}); return new; end $$;
    create trigger slow before insert on a for each row when (new.id = 1) execute function slow();
    alter table a enable always trigger slow`;
}

test('a copy that is abandoned where the target does not reach the source leaves no slot', async () => {
  const databases = await makeDatabases(source, target);
  await databases.make(A);
  const slots = (like: string) =>
    databases.onSource(`select slot_name from pg_replication_slots where slot_name like '${like}'`);
  const report = (line: string): void => {
    if (line === 'copying rows') void databases.onTarget(slowCopy(120));
  };
  const move = { ...databases.move({ id: 'cut' }), report };
  const starting = start(move).catch((error: Error) => error.message);
  await until('a slot of a table', async () => (await slots('pg_%_sync_%')).length > 0);
  const movers = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'beamstalk-move'";
  await Promise.all([databases.onSource(movers), databases.onTarget(movers)]);
  expect(await starting).toContain('cut was interrupted');
  cut(source.number, ['peer']);
  // As the server does by itself after wal_sender_timeout.
  await databases.onSource(
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'beamstalk_move_cut'",
  );
  await abandon(move);
  heal(source.number, ['peer']);
  expect(await slots('%')).toEqual([]);
}, 75_000);
