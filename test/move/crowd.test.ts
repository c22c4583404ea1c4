import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeDataSet } from './data-set';
import { cut, heal } from './network';
import { type Server, startServer } from './servers';
import { type Audit, CROWD, type Crowd, startCrowd } from './writers';

const ROWS = 20_000;
let server: Server;
let crowd: Crowd;
beforeAll(async () => {
  server = await startServer({ number: 24, title: 'the server' });
  await makeDataSet(server, ROWS);
  const logins = { source: server.users, target: server.users };
  crowd = await startCrowd({ ...CROWD, logins, rows: ROWS });
  return async () => {
    crowd.end();
    await server.remove();
  };
});

const CLEAN = { lost: [], doubled: [], stale: [] };

test('writers write, and nothing breaks while nothing moves', async () => {
  await crowd.measure();
  await pause(2000);
  const seen = await crowd.measure();
  console.log(seen);
  expect(seen).toMatchObject({ errors: {}, turnedAway: 0, broken: [] });
  expect(seen.commits / seen.seconds).toBeGreaterThan(100);
});

test('a writer that is turned away comes again', async () => {
  await server.sql(`create function turn_away() returns trigger language plpgsql as
      $$ begin raise exception 'elsewhere' using errcode = 'BM001'; end $$;
    create trigger turned before insert or update or delete on accounts for each statement execute function turn_away()`);
  await pause(500);
  await server.sql('drop trigger turned on accounts');
  await pause(500);
  const seen = await crowd.measure();
  expect(seen).toMatchObject({ errors: {}, broken: [] });
  expect(seen.turnedAway).toBeGreaterThan(10);
  expect(seen.worstWriter).toBeGreaterThan(300);
});

test('commits in doubt are neither lost nor doubled: the server is killed, then cut off', async () => {
  await server.killHard();
  await server.start();
  await pause(2000);
  cut(server.number, ['users']);
  await pause(6000);
  heal(server.number, ['users']);
  await pause(3000);
  const seen = await crowd.stop();
  expect(seen.broken).toEqual([]);
  expect(Object.keys(seen.errors).length).toBeGreaterThan(1);
  expect(seen.worstWriter).toBeGreaterThan(5000);
  const found = await crowd.audit();
  expect(found).toMatchObject(CLEAN);
  expect(found.commits).toBeGreaterThan(1000);
});

describe('the audit finds', () => {
  beforeAll(async () => {
    await crowd.stop();
  });
  const planted: readonly (readonly [string, keyof typeof CLEAN, RegExp, string])[] = [
    [
      'an account that is lost',
      'lost',
      /^accounts \d+/,
      'delete from accounts where id = (select max(id) from accounts)',
    ],
    [
      'a row of a table without a key that is lost',
      'lost',
      /^clicks /,
      'delete from clicks where op = (select max(op::text)::uuid from clicks where version > 0)',
    ],
    [
      'a row from before the run that is lost',
      'lost',
      /^clicks: 1 rows fewer/,
      'delete from clicks where ctid = (select min(ctid) from clicks where version = 0)',
    ],
    ['one of a partition', 'lost', /^orders \d+/, 'delete from orders where id = (select max(id) from orders_2)'],
    [
      'a line',
      'lost',
      /^order_lines \d+/,
      'delete from order_lines where order_id = (select max(order_id) from order_lines)',
    ],
    [
      'a row of a trigger that is lost',
      'lost',
      /^audit of /,
      'delete from audit where id = (select max(id) from audit)',
    ],
    [
      'a row of a trigger that is doubled',
      'doubled',
      /^audit of /,
      'insert into audit (of_table, row_id, did, version) select of_table, row_id, did, version from audit order by id desc limit 1',
    ],
    [
      'a row that is doubled',
      'doubled',
      /^clicks [0-9a-f-]+/,
      'insert into clicks select * from clicks where version > 0 limit 1',
    ],
    [
      'a row that nobody wrote',
      'doubled',
      /^visits: 1 rows more/,
      'insert into visits (op) values (gen_random_uuid())',
    ],
    [
      'a row that is stale',
      'stale',
      /^accounts \d+ has version \d+, told/,
      'update accounts set version = version - 1 where id = (select max(id) from accounts where version > 0)',
    ],
    [
      'a row that was deleted and is there',
      'stale',
      /^orders \d+ has version 0, told -1/,
      "insert into orders (id, account, op, total) select row_id, 1, gen_random_uuid(), 0 from audit where of_table = 'orders' and did = 'DELETE' limit 1",
    ],
    [
      'a row from before the run that somebody wrote',
      'stale',
      /^orders \d+ has version 1, told 0/,
      'update orders set version = 1 where id = (select min(id) from orders where version = 0)',
    ],
  ];
  test.each(planted)('%s', async (_, what, shape, statement) => {
    // Each change alone, and taken back.
    const found = await withChange(statement);
    expect(
      found[what].some((line) => shape.test(line)),
      JSON.stringify(found),
    ).toBe(true);
  });

  test('nothing else', async () => {
    expect(await crowd.audit()).toMatchObject(CLEAN);
  });
});

/** Triggers are off meanwhile, and rows are put back from copies of the tables. */
async function withChange(statement: string): Promise<Audit> {
  const tables = ['accounts', 'clicks', 'orders', 'order_lines', 'audit', 'visits'];
  await server.sql(tables.map((table) => `create table copy_of_${table} as table ${table}`).join('; '));
  await server.sql(`set session_replication_role = replica; ${statement}`);
  const found = await crowd.audit();
  const columns = (table: string): string => (table === 'accounts' ? ACCOUNT : '*');
  await server.sql(
    `set session_replication_role = replica; ${tables
      .map(
        (table) =>
          `delete from ${table}; insert into ${table} ${table === 'accounts' ? `(${ACCOUNT}) overriding system value` : ''}
             select ${columns(table)} from copy_of_${table}; drop table copy_of_${table}`,
      )
      .join('; ')}`,
  );
  return found;
}

/** Columns that are not generated. */
const ACCOUNT = 'id, email, name, mood, balance, settings, avatar, tags, made, version';
