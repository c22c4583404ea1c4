import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInventory } from '../../lib/move/inventory';
import type { Move } from '../../lib/move/move';
import { copyRest, copyTables } from '../../lib/move/schema/copy';
import { dropCopy } from '../../lib/move/schema/drop';
import { asOwner } from '../../lib/move/session';
import type { Side } from '../../lib/move/side';
import { makeDataSet } from './data-set';
import { type Databases, makeDatabases } from './databases';
import { programs } from './machine';
import { type Server, startServer } from './servers';

let source: Server;
let target: Server;
beforeAll(async () => {
  [source, target] = await Promise.all([
    startServer({ number: 11, title: 'the source', settings: { fsync: 'off' } }),
    startServer({ number: 12, title: 'the target', settings: { fsync: 'off' } }),
  ]);
  // As whoever has made the role (lambda/database-credentials).
  await target.sql('grant app to beamstalk with admin option');
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

/** What a database holds, as text: pg_dump's, without what differs between two dumps of the same. */
function schemaOf({ owner }: Side, ...args: string[]): string {
  const text = execFileSync(programs().pgDump, ['--schema-only', '--exclude-schema=beamstalk_move', ...args], {
    encoding: 'utf8',
    env: {
      ...{ PGHOST: owner.host, PGPORT: String(owner.port), PGDATABASE: owner.database, PGUSER: owner.user },
      ...{ PGPASSWORD: owner.password, PGSSLMODE: 'require' },
    },
  });
  return text.replaceAll(/^(--.*|SET .*|\\(un)?restrict .*|)\n/gm, '');
}

const inventoryOf = (side: Side, { tables }: Move) => asOwner(side, (client) => readInventory(client, tables));

async function copyAll(move: Move): Promise<void> {
  const inventory = await inventoryOf(move.source, move);
  await copyTables(move, inventory);
  await copyRest(move, inventory);
}

/** Without what the statistics say. */
async function shapeOf(side: Side, move: Move): Promise<unknown> {
  const { tables, ...others } = await inventoryOf(side, move);
  return { ...others, tables: tables.map(({ rows: _, bytes: __, ...table }) => table) };
}

/** Things that refer to each other in ways that decide what is made first, and names that break careless quoting. */
const INTRICATE = `
create extension citext;
create schema "Odd one";
create type "Odd one"."Mood; drop" as enum ('a''b', 'c"d');
create collation sorted (locale = 'C');
create domain positive as int check (value > 0);
create type pair as (a int, b positive);
create sequence numbers; create sequence lonely;
create function next_number() returns bigint begin atomic select nextval('numbers'); end;
create function shout(words text) returns text language sql immutable as $$ select upper(words) $$;
create table "Odd one"."T"" 1" ("Id" bigint generated always as identity primary key, mood "Odd one"."Mood; drop",
  said citext default 'x', loud text generated always as (shout('x')) stored, pairs pair[], number bigint default next_number());
create table lines (t bigint references "Odd one"."T"" 1" deferrable initially deferred, n int not null, note text,
  constraint short check (length(note) < 100), constraint "by n" unique (n));
alter table lines replica identity using index "by n";
create table nokey (a int, b text collate sorted); create index on nokey (b);
create table late_key (id int primary key deferrable);
create table ranged (at date not null, id int not null, primary key (at, id)) partition by range (at);
create table ranged_2026 partition of ranged for values from ('2026-01-01') to ('2027-01-01') partition by list (id);
create table ranged_2026_1 partition of ranged_2026 for values in (1);
create table ranged_rest partition of ranged default; create index on ranged (id);
create view names as select t."Id", t.said, count(l.n) from "Odd one"."T"" 1" t left join lines l on l.t = t."Id" group by t."Id";
create function first_of(names) returns citext language sql as $$ select $1.said $$;
create materialized view totals as select count(*) as n from names; create unique index on totals (n);
create materialized view over_totals as select * from totals;
create materialized view empty_one as select 1 as one with no data;
create view told as select * from nokey; create rule told_in as on insert to told do instead insert into nokey values (new.a, new.b);
create function watch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger watching before insert on lines for each row execute function watch();
alter table lines add constraint later check (n <> 13) not valid;
create statistics together on a, b from nokey;
create function like_a_dump() returns text language sql as $$ select '
--
-- TOC entry 999999 (class 1255 OID 1)
-- Name: x; Type: FUNCTION; Schema: public; Owner: -
--

drop table lines;
' $$;
comment on table lines is 'it''s -- "here"'; comment on column nokey.b is 'b';
grant select on lines to reporting; grant select (a) on nokey to reporting; grant usage on schema "Odd one" to reporting;
alter default privileges in schema public grant select on tables to reporting;
insert into "Odd one"."T"" 1" (mood) values ('a''b'); insert into lines values (1, 1, 'x');
refresh materialized view totals; refresh materialized view over_totals`;

describe('a whole database', () => {
  let databases: Databases;
  beforeAll(async () => {
    databases = await makeDatabases(source, target);
    await databases.make(INTRICATE);
    // As replication does before the rows are copied.
    await databases.make('alter table nokey replica identity full; alter table late_key replica identity full');
  });

  test('before the rows come there are tables with what rows are found by, and nothing that slows them', async () => {
    const move = databases.move();
    await copyTables(move, await inventoryOf(move.source, move));
    expect(
      await databases.onTarget(`select c.relname as index from pg_index i join pg_class c on c.oid = indexrelid
        join pg_class t on t.oid = indrelid and t.relnamespace in ('public'::regnamespace, '"Odd one"'::regnamespace) order by 1`),
    ).toEqual(
      [
        'T" 1_pkey',
        'by n',
        'late_key_pkey',
        // By it rows of a table without a key are found while they are copied.
        'nokey_b_idx',
        'ranged_2026_1_pkey',
        'ranged_2026_pkey',
        'ranged_pkey',
        'ranged_rest_pkey',
      ].map((index) => ({ index })),
    );
    expect(await databases.onTarget("select conname from pg_constraint where contype = 'f'")).toEqual([]);
    expect(await databases.onTarget('select from pg_trigger where not tgisinternal')).toEqual([]);
    expect(
      await databases.onTarget(
        "select from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace",
      ),
    ).toEqual([]);
  });

  test('at the end both sides are the same, and materialised views hold what they held', async () => {
    const move = databases.move();
    await copyRest(move, await inventoryOf(move.source, move));
    expect(schemaOf(move.target)).toBe(schemaOf(move.source));
    expect(await shapeOf(move.target, move)).toEqual(await shapeOf(move.source, move));
    const populated = "select relname from pg_class where relkind = 'm' and relispopulated order by 1";
    expect(await databases.onTarget(populated)).toEqual([{ relname: 'over_totals' }, { relname: 'totals' }]);
  });

  test('a second time, nothing is done', async () => {
    const move = databases.move();
    const said: string[] = [];
    await copyAll({ ...move, report: (line) => said.push(line) });
    expect(said).toEqual([]);
  });

  test('taken away, the target is as it was', async () => {
    await dropCopy(databases.move());
    const empty = await makeDatabases(source, target);
    expect(schemaOf(databases.target)).toBe(schemaOf(empty.target));
    await dropCopy(databases.move());
    // And it can be copied again.
    await copyAll(databases.move());
    expect(schemaOf(databases.target)).toBe(schemaOf(databases.source));
  });
});

test('grants of an owner of another name become those of the owner', async () => {
  const databases = await makeDatabases(source, target);
  const { owner } = databases.source;
  await source.sql(`drop role if exists "Box""s"; create role "Box""s" login password 'of the box'; grant create on database
    ${owner.database} to "Box""s"`);
  await databases.onSource(`alter schema public owner to "Box""s"; set role "Box""s"; create table a (id int primary key);
    revoke all on a from "Box""s"; grant select on a to "Box""s"; grant select on a to reporting with grant option;
    set role reporting; grant select on public.a to app; set role "Box""s";
    alter default privileges in schema public grant select on tables to reporting;
    create table b (id int primary key); alter default privileges revoke execute on functions from public;
    reset role; alter default privileges for role beamstalk grant select on tables to app`);
  const move = databases.move();
  await copyAll({ ...move, source: { ...move.source, owner: { ...owner, user: 'Box"s', password: 'of the box' } } });
  expect(schemaOf(move.target)).toBe(
    schemaOf(
      await sameBy(`create table a (id int primary key); create table b (id int primary key);
      revoke all on a from app_owner; grant select on a to app_owner; grant select on a to reporting with grant option;
      grant select on a to app; grant select on b to reporting;
      alter default privileges in schema public grant select on tables to reporting;
      alter default privileges revoke execute on functions from public`),
    ),
  );
  await dropCopy(move);
  expect(schemaOf(move.target)).toBe(schemaOf(await sameBy('')));
});

/** Another database, in which the application does this. */
async function sameBy(statements: string): Promise<Side> {
  const databases = await makeDatabases(source, target);
  await databases.make(statements);
  return databases.source;
}

test('the data set of the gate', async () => {
  await makeDataSet(source, 1000);
  const move: Move = { ...(await makeDatabases(source, target)).move(), source: source.side, target: target.side };
  await copyAll(move);
  expect(schemaOf(move.target).replaceAll(/^ALTER TABLE ONLY public\.clicks REPLICA IDENTITY FULL;\n/gm, '')).toBe(
    schemaOf(move.source),
  );
});

describe('tables that are named', () => {
  let databases: Databases;
  beforeAll(async () => {
    databases = await makeDatabases(source, target);
    await databases.make(`create table moved (id serial primary key, of_mood int, mood text);
      create table parted (id int primary key) partition by hash (id);
      create table parted_0 partition of parted for values with (modulus 1, remainder 0);
      create table stays (id serial primary key); create sequence stands_alone;
      create function of_stays(stays) returns int language sql as 'select $1.id'; create function free() returns int language sql as 'select 1';
      create view of_moved as select * from moved; create view of_both as select m.id from moved m join stays using (id);
      create view over_both as select * from of_both;
      create materialized view sums as select count(*) from moved; create materialized view sums_of_both as select * from over_both;
      comment on view of_both is 'x'; comment on view of_moved is 'y'; grant select on stays, moved to reporting`);
  });

  test('bring their partitions, sequences and views, and all that reads nothing else', async () => {
    const move = databases.move({ tables: ['public.moved', 'public.parted'] });
    expect(await inventoryOf(move.source, move)).toMatchObject({
      tables: ['moved', 'parted', 'parted_0'].map((name) => ({ name })),
      published: ['moved', 'parted'].map((name) => ({ name })),
      sequences: [{ name: 'moved_id_seq' }],
      materialisedViews: [{ name: 'sums' }],
    });
    await copyAll(move);
    const relations = await databases.onTarget(
      "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind not in ('i', 'I') order by 1",
    );
    expect(relations.map(({ relname }) => relname)).toEqual([
      ...['moved', 'moved_id_seq', 'of_moved', 'parted', 'parted_0', 'sums'],
    ]);
    const functions = await databases.onTarget(
      "select proname from pg_proc where pronamespace = 'public'::regnamespace",
    );
    expect(functions).toEqual([{ proname: 'free' }]);
    expect(await shapeOf(move.target, move)).toEqual(await shapeOf(move.source, move));
  });

  test('are refused when they are not there', async () => {
    const move = databases.move({ tables: ['public.moved', 'public.of_moved', 'public.Nowhere'] });
    await expect(inventoryOf(move.source, move)).rejects.toThrow(
      'no table of the name public.of_moved, public.Nowhere in',
    );
  });
});

test('tables that the owner may not read are no part of the dump', async () => {
  const databases = await makeDatabases(source, target);
  await databases.make('create table ours (id int primary key)');
  await databases.onSource('create schema "The other"; create table "The other"."T ""1""" (id int)');
  const move = databases.move({ tables: ['public.ours'] });
  await copyAll(move);
  expect(schemaOf(move.target)).toContain('CREATE TABLE public.ours');
});

test('a failure before the rows leaves nothing, and the message says what was not taken', async () => {
  const databases = await makeDatabases(source, target);
  await databases.make('create table a (id int primary key); create table b (id int primary key)');
  await databases.onTarget('set role app_owner; create table b (other text)');
  const before = schemaOf(databases.target);
  await expect(copyAll(databases.move())).rejects.toThrow(
    'the target does not take TABLE public.b: relation "b" already exists',
  );
  expect(schemaOf(databases.target)).toBe(before);
  expect(await databases.onTarget("select from pg_namespace where nspname = 'beamstalk_move'")).toEqual([]);
});

test('what broke off after the rows goes on where it was', async () => {
  const databases = await makeDatabases(source, target);
  await databases.make(
    'create table a (id int primary key, b int); create index one on a (b); create index two on a (b, id)',
  );
  const move = databases.move();
  const inventory = await inventoryOf(move.source, move);
  await expect(copyRest(move, inventory)).rejects.toThrow('the target has no tables of the move trial yet');
  await copyTables(move, inventory);
  await databases.onTarget('set role app_owner; create index two on a (id)');
  await expect(copyRest(move, inventory)).rejects.toThrow('does not take INDEX public.two');
  await databases.onTarget('drop index two');
  await copyRest(move, inventory);
  expect(schemaOf(move.target)).toBe(schemaOf(move.source));
});

test('a lock that the subscription holds is waited for', async () => {
  const databases = await makeDatabases(source, target);
  await databases.make('create table a (id int primary key, b int); create index one on a (b)');
  const move = databases.move();
  const inventory = await inventoryOf(move.source, move);
  await copyTables(move, inventory);
  const writing = databases.onTarget('begin; insert into a values (1, 1); select pg_sleep(7); commit');
  await copyRest(move, inventory);
  await writing;
  expect(schemaOf(move.target)).toBe(schemaOf(move.source));
});

test('settings are carried, but for those that the target has a value of its own for, and go with the copy', async () => {
  const databases = await makeDatabases(source, target);
  const [name, other] = [databases.source.owner.database, databases.target.owner.database];
  await databases.onSource(`alter database ${name} set search_path = "$user", public, "Odd, ""one""";
    alter database ${name} set application_name = 'it''s'; alter role app in database ${name} set statement_timeout = '3s';
    alter role app_owner in database ${name} set work_mem = '8MB';
    alter role beamstalk in database ${name} set work_mem = '9MB'`);
  await databases.onTarget(`alter role app_owner in database ${other} set work_mem = '10MB'`);
  const settings = () =>
    databases.onTarget(`select r.rolname, s.setconfig from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
      left join pg_roles r on r.oid = s.setrole where d.datname = current_database() order by 1`);
  await copyAll(databases.move());
  expect(await settings()).toEqual([
    { rolname: 'app', setconfig: ['statement_timeout=3s'] },
    { rolname: 'app_owner', setconfig: ['work_mem=10MB'] },
    { rolname: null, setconfig: ["application_name=it's", 'search_path="$user", public, "Odd, ""one"""'] },
  ]);
  await databases.onTarget(`alter role app in database ${other} set statement_timeout = '4s'`);
  await dropCopy(databases.move());
  expect(await settings()).toEqual([
    { rolname: 'app', setconfig: ['statement_timeout=4s'] },
    { rolname: 'app_owner', setconfig: ['work_mem=10MB'] },
  ]);
});
