import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../lib/move/finding';
import { readInventory } from '../../lib/move/inventory';
import type { Move } from '../../lib/move/move';
import { PREFLIGHT_CHECKS, preflight } from '../../lib/move/preflight/preflight';
import { copyTables } from '../../lib/move/schema/copy';
import { asOwner } from '../../lib/move/session';
import type { Side } from '../../lib/move/side';
import { type Databases, makeDatabases } from './databases';
import { CASES } from './preflight-cases';
import { type Server, startServer } from './servers';

const TABLES = 'create table a (id int primary key); create table b (id int primary key)';

/** Two tables are copied at once, and the direction itself takes as many again as one of them. */
const TAKES = 3;

let rich: Server;
let poor: Server;
beforeAll(async () => {
  [rich, poor] = await Promise.all([
    startServer({ number: 15, title: 'the rich', settings: { fsync: 'off', max_prepared_transactions: '2' } }),
    startServer({
      ...{ number: 16, title: 'the poor' },
      settings: {
        ...{ fsync: 'off', wal_level: 'replica', max_replication_slots: '2', max_wal_senders: '2' },
        ...{ max_logical_replication_workers: '2', max_worker_processes: '3', max_sync_workers_per_subscription: '2' },
      },
    }),
  ]);
});
afterAll(() => Promise.all([rich.remove(), poor.remove()]));

/** Findings that are more than notes, by their ids. */
async function against(move: Move): Promise<Readonly<Record<string, string>>> {
  const findings = await preflight(move);
  return Object.fromEntries(findings.filter(({ level }) => level !== 'note').map(({ id, what }) => [id, what]));
}

async function found(move: Move, id: string): Promise<Finding | undefined> {
  return (await preflight(move)).find((finding) => finding.id === id);
}

describe('what a server is set to', () => {
  test('as a source', async () => {
    const databases = await makeDatabases(poor, rich);
    await databases.make(TABLES);
    expect(await against(databases.move())).toEqual({
      'wal-level': expect.stringMatching(/: the poor: wal_level is replica$/),
      'replication-slots': expect.stringContaining(
        `the poor: max_replication_slots is 2, of which 0 are taken, and the move takes ${TAKES}`,
      ),
      'wal-senders': expect.stringContaining(
        `the poor: max_wal_senders is 2, of which 0 are taken, and the move takes ${TAKES}`,
      ),
    });
  });

  test('as a source of one table, for which it has just enough', async () => {
    const databases = await makeDatabases(poor, rich);
    await databases.make(TABLES);
    expect(Object.keys(await against(databases.move({ tables: ['public.a'] })))).toEqual(['wal-level']);
  });

  test('as a target', async () => {
    const databases = await makeDatabases(rich, poor);
    await databases.make(TABLES);
    expect(await against(databases.move())).toEqual({
      'wal-level': expect.stringContaining('the poor'),
      'replication-slots': expect.stringContaining('the poor: max_replication_slots is 2'),
      'replication-workers': expect.stringContaining(
        `the poor: max_logical_replication_workers is 2, of which 0 are taken, and the move takes ${TAKES}`,
      ),
      'worker-processes': expect.stringContaining(
        `the poor: max_worker_processes is 3, of which 1 are taken, and the move takes ${TAKES}`,
      ),
    });
    expect(Object.keys(await against(databases.move({ tables: ['public.a'] })))).toEqual(['wal-level']);
  });

  test('as a target on which no table would ever be copied', async () => {
    const lazy = await startServer({
      ...{ number: 17, title: 'the lazy' },
      settings: { fsync: 'off', max_sync_workers_per_subscription: '0' },
    });
    const databases = await makeDatabases(rich, lazy);
    await databases.make(TABLES);
    const findings = await against(databases.move());
    await lazy.remove();
    expect(findings).toEqual({ 'sync-workers': expect.stringMatching(/is 0 on the lazy$/) });
    const others = await makeDatabases(rich, rich);
    await others.make(TABLES);
    expect(await against(others.move())).toEqual({});
  });

  test('with slots of others', async () => {
    const databases = await makeDatabases(rich, rich);
    await databases.make(TABLES);
    for (let n = 0; n < 38; n++) await rich.sql(`select pg_create_physical_replication_slot('other_${n}')`);
    expect((await found(databases.move(), 'replication-slots'))?.what).toContain('is 40, of which 38 are taken');
    await rich.sql("select pg_drop_replication_slot('other_0')");
    expect(await found(databases.move(), 'replication-slots')).toBeUndefined();
    await rich.sql('select pg_drop_replication_slot(slot_name) from pg_replication_slots');
  });

  test('with little room for a slot, or any', async () => {
    const databases = await makeDatabases(rich, rich);
    await databases.make(
      'create table a (id int primary key, note text); insert into a select n, repeat($$x$$, 1000) from generate_series(1, 3000) n',
    );
    expect((await found(databases.move(), 'slot-unbounded'))?.what).toContain('the rich: any size');
    await reload(rich, 'max_slot_wal_keep_size', '2MB');
    expect(await found(databases.move(), 'slot-size')).toMatchObject({
      level: 'accept',
      what: expect.stringMatching(/^while \d MB are copied.*: the rich: 2 MB/),
    });
    expect(await found(databases.move(), 'slot-unbounded')).toBeUndefined();
    await reload(rich, 'max_slot_wal_keep_size', '20MB');
    expect(await found(databases.move(), 'slot-size')).toBeUndefined();
    await reload(rich, 'max_slot_wal_keep_size', '-1');
  });
});

async function reload(server: Server, setting: string, value: string): Promise<void> {
  await server.sql(`alter system set ${setting} = '${value}'`, 'postgres');
  await server.sql('select pg_reload_conf()', 'postgres');
  await expect.poll(() => server.sql(`show ${setting}`, 'postgres')).toEqual([{ [setting]: value }]);
}

describe('locale', () => {
  test.each([
    ['collation', "locale 'C' template template0", /: collate C\.UTF-8 and C, ctype C\.UTF-8 and C$/],
    [
      'collation',
      "locale_provider builtin builtin_locale 'C.UTF-8' template template0",
      /: provider libc and builtin, locale {2}and C\.UTF-8$/,
    ],
    ['encoding', "encoding 'SQL_ASCII' locale 'C' template template0", /: encoding UTF8 and SQL_ASCII$/],
  ])('another %s (%s)', async (id, clause, what) => {
    const databases = await makeDatabases(rich, rich, clause);
    await databases.make(TABLES);
    expect(await found(databases.move(), id)).toMatchObject({ level: 'accept', what: expect.stringMatching(what) });
    const same = await makeDatabases(rich, rich);
    await same.make(TABLES);
    expect(await found(same.move(), id)).toBeUndefined();
  });
});

describe('names that the move gives', () => {
  let databases: Databases;
  beforeAll(async () => {
    databases = await makeDatabases(rich, rich);
    await databases.make(TABLES);
  });

  test.each([
    [
      'publication beamstalk_move_trial',
      'create publication beamstalk_move_trial',
      'drop publication beamstalk_move_trial',
    ],
    [
      'subscription beamstalk_back_trial',
      "create subscription beamstalk_back_trial connection 'host=nowhere' publication p with (connect = false, slot_name = none)",
      'drop subscription beamstalk_back_trial',
    ],
    [
      'slot beamstalk_move_trial',
      "select pg_create_physical_replication_slot('beamstalk_move_trial')",
      "select pg_drop_replication_slot('beamstalk_move_trial')",
    ],
    ['role beamstalk_move_trial', 'create role beamstalk_move_trial', 'drop role beamstalk_move_trial'],
    ['schema beamstalk_move of rdsadmin', 'create schema beamstalk_move', 'drop schema beamstalk_move'],
  ])('%s', async (what, make, undo) => {
    await databases.onTarget(make);
    const finding = await found(databases.move(), 'names-taken');
    await databases.onTarget(undo);
    await databases.onSource(make);
    expect(await found(databases.move(), 'names-taken')).toEqual(finding);
    await databases.onSource(undo);
    expect(finding).toMatchObject({ level: 'refuse', what: expect.stringContaining(`the rich: ${what}`) });
    expect(await found(databases.move(), 'names-taken')).toBeUndefined();
  });

  test('what the move itself has made is no finding', async () => {
    const move = databases.move();
    await copyTables(move, await asOwner(move.source, (client) => readInventory(client, move.tables)));
    expect(await found(move, 'target-not-empty')).toBeUndefined();
    expect((await found({ ...move, id: 'other' }, 'target-not-empty'))?.what).toContain(
      'table public.a, table public.b',
    );
  });
});

describe('rights', () => {
  let databases: Databases;
  beforeAll(async () => {
    databases = await makeDatabases(rich, rich);
    await databases.make(TABLES);
    await rich.sql(`create role weak login password 'weak'; create role owns login password 'owns'`);
    await databases.onSource('grant connect on database app to weak');
  });
  const as = (side: Side, who: 'administrator' | 'owner', user: string): Side => ({
    ...side,
    [who]: { ...side[who], user, password: user },
  });

  test('that an administrator lacks', async () => {
    const move = databases.move();
    const weak = { ...move, target: as(move.target, 'administrator', 'weak') };
    expect((await found(weak, 'administrator'))?.what).toBe(
      'the administrator lacks rights: the rich: createrole, the rich: replication, the rich: pg_create_subscription, the rich: pg_monitor, the rich: membership of app_owner and 1 more',
    );
    expect(await found(move, 'administrator')).toBeUndefined();
  });

  test('that the owner lacks', async () => {
    const move = databases.move();
    const lacking = { ...move, target: as(move.target, 'owner', 'owns') };
    expect((await found(lacking, 'owner'))?.what).toBe(
      'the owner of the tables lacks rights: the rich: create on schema public, the rich: create on the database',
    );
    expect(await found(move, 'owner')).toBeUndefined();
  });
});

describe('transactions', () => {
  let databases: Databases;
  beforeAll(async () => {
    databases = await makeDatabases(rich, rich);
    await databases.make(TABLES);
  });
  afterEach(() =>
    rich.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%sleeper%' and pid <> pg_backend_pid()",
    ),
  );

  test('that are prepared', async () => {
    await databases.onSource("begin; insert into public.a values (1); prepare transaction 'half done'");
    expect(await found(databases.move(), 'prepared-transactions')).toMatchObject({
      level: 'refuse',
      what: expect.stringContaining(`half done (${databases.source.owner.database})`),
    });
    await databases.onSource("rollback prepared 'half done'");
    expect(await found(databases.move(), 'prepared-transactions')).toBeUndefined();
  });

  test('that are open for long', async () => {
    expect(await found(databases.move(), 'long-transactions')).toBeUndefined();
    const sleeping = databases.onSource('select pg_sleep(60) as sleeper').catch(() => undefined);
    await expect
      .poll(() => found(databases.move(), 'long-transactions'), { timeout: 20_000 })
      .toMatchObject({
        level: 'note',
        what: expect.stringMatching(/: rdsadmin \(pid \d+, \d+ s, active\)$/),
      });
    await rich.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%sleeper%' and pid <> pg_backend_pid()",
    );
    await sleeping;
  });
});

test('every check is provoked by a database, a server or a role', () => {
  const here = [
    ...[
      'administrator',
      'owner',
      'old-version',
      'older-target',
      'programs',
      'names-taken',
      'slot-size',
      'slot-unbounded',
    ],
    ...['wal-level', 'replication-slots', 'wal-senders', 'replication-workers', 'worker-processes', 'sync-workers'],
    ...['collation', 'encoding', 'prepared-transactions', 'long-transactions', 'room', 'no-such-table'],
  ];
  const known = new Set([...PREFLIGHT_CHECKS.map(({ id }) => id), 'no-such-table']);
  expect(new Set([...here, ...CASES.map(({ id }) => id)])).toEqual(known);
});
