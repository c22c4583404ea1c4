import type { Finding } from '../../lib/move/finding';

export interface Case {
  readonly id: string;
  readonly level: Finding['level'];
  /** Made on the source by the owner. */
  readonly made?: string;
  /** Made by a superuser, on the source or on the target. */
  readonly onSource?: string;
  readonly onTarget?: string;
  readonly tables?: readonly string[];
  /** What the finding says. */
  readonly says: string | RegExp;
  /** The same, but for what is found: made by the owner on the source. */
  readonly neighbour: Omit<Case, 'id' | 'level' | 'says' | 'neighbour'>;
}

const TABLE = 'create table a (id int primary key, note text);';
export const TWO = `${TABLE} create table b (id int primary key);`;
const A = ['public.a'];

/** Each finding with a database that provokes it and one beside it that does not. */
export const CASES: readonly Case[] = [
  {
    ...{ id: 'nothing-to-move', level: 'refuse', made: 'create view v as select 1', says: 'the source has no table' },
    neighbour: { made: TABLE },
  },
  {
    ...{
      id: 'no-such-table',
      level: 'refuse',
      made: `${TABLE} create view v as select 1`,
      tables: ['public.a', 'public.v'],
    },
    says: 'the source has no table of the name public.v',
    neighbour: { made: TABLE, tables: A },
  },
  {
    ...{ id: 'partitions', level: 'refuse', tables: ['public.p1'], says: 'public.p1 of public.p' },
    made: 'create table p (id int primary key) partition by list (id); create table p1 partition of p for values in (1)',
    neighbour: {
      made: 'create table p (id int primary key) partition by list (id); create table p1 partition of p for values in (1)',
      tables: ['public.p1', 'public.p'],
    },
  },
  {
    ...{ id: 'inheritance', level: 'refuse', made: `${TABLE} create table b () inherits (a)`, tables: A },
    says: 'public.b of public.a',
    neighbour: { made: `${TABLE} create table b (like a)` },
  },
  {
    ...{ id: 'unlogged-tables', level: 'refuse', made: 'create unlogged table a (id int primary key)' },
    says: 'tables are unlogged, so that no change of them can be replicated: public.a',
    neighbour: { made: `${TABLE} create unlogged table b (id int)`, tables: A },
  },
  {
    ...{ id: 'foreign-partitions', level: 'refuse', tables: ['public.p'], says: 'public.p1' },
    onSource: `create foreign data wrapper w; create server s foreign data wrapper w; grant usage on foreign server s to app_owner;
      set role app_owner; create table p (id int) partition by list (id);
      create foreign table p1 partition of p for values in (1) server s`,
    neighbour: {
      onSource: `create foreign data wrapper w; create server s foreign data wrapper w; grant usage on foreign server s to app_owner;
        set role app_owner; create table p (id int) partition by list (id); create foreign table p1 (id int) server s`,
      tables: ['public.p'],
    },
  },
  {
    ...{ id: 'foreign-tables', level: 'accept', says: 'foreign table public.f, server s' },
    onSource: `create foreign data wrapper w; create server s foreign data wrapper w; grant usage on foreign server s to app_owner;
      set role app_owner; create foreign table f (id int) server s`,
    neighbour: {
      onSource: `create foreign data wrapper w; create server s foreign data wrapper w; set role app_owner; ${TABLE}`,
      tables: A,
    },
  },
  {
    ...{
      id: 'row-security',
      level: 'refuse',
      made: `${TABLE} alter table a enable row level security`,
      says: 'public.a',
    },
    neighbour: { made: `${TABLE} create policy p on a using (true)` },
  },
  {
    ...{
      id: 'other-owner',
      level: 'refuse',
      onSource: 'create table a (id int primary key)',
      says: 'public.a (rdsadmin)',
    },
    neighbour: { made: TABLE, onSource: 'create table b (id int primary key)', tables: A },
  },
  {
    ...{ id: 'sequence-owner', level: 'refuse', made: TABLE, says: 'public.Odd s (rdsadmin)' },
    onSource: 'create sequence "Odd s"; grant usage on sequence "Odd s" to app_owner',
    neighbour: { made: `${TABLE} create sequence "Odd s"` },
  },
  {
    ...{ id: 'statement-logs', level: 'accept', made: TABLE, says: 'the source: log_statement is all' },
    onSource:
      "do $$ begin execute format('alter database %I set log_statement = %L', current_database(), 'all'); end $$",
    neighbour: {
      made: TABLE,
      onSource:
        "do $$ begin execute format('alter database %I set log_statement = %L', current_database(), 'ddl'); end $$",
    },
  },
  {
    ...{ id: 'storage', level: 'accept', made: TABLE, says: 'public.a (elsewhere)' },
    onSource: 'alter table a set tablespace elsewhere',
    neighbour: { made: TABLE },
  },
  {
    ...{ id: 'subscribed-tables', level: 'refuse', made: TWO, says: 'public.a (feed_refused)' },
    onSource: feed('feed_refused', 'a'),
    neighbour: { made: TWO, onSource: feed('feed_fine', 'b'), tables: A },
  },
  {
    ...{
      id: 'foreign-keys',
      level: 'refuse',
      made: `${TWO} alter table b add a int references a`,
      tables: ['public.b'],
    },
    says: 'public.b (b_a_fkey) to public.a',
    neighbour: { made: `${TWO} alter table b add a int references a`, tables: ['public.a', 'public.b'] },
  },
  {
    ...{ id: 'foreign-keys', level: 'refuse', made: `${TWO} alter table b add a int references a`, tables: A },
    says: 'public.b (b_a_fkey) to public.a',
    neighbour: { made: `${TWO} create table c (b int references b)`, tables: A },
  },
  {
    ...{ id: 'large-objects', level: 'refuse', made: `${TABLE} select lo_create(1)`, says: '1 large objects' },
    neighbour: { made: 'create table a (id int primary key, picture oid)' },
  },
  {
    ...{ id: 'large-objects', level: 'refuse', tables: A, says: 'public.a.picture' },
    made: 'create table a (id int primary key, picture oid); select lo_create(1)',
    neighbour: { made: `${TABLE} create table b (picture oid); select lo_create(1)`, tables: A },
  },
  {
    ...{
      id: 'large-objects-stay',
      level: 'note',
      made: `${TABLE} select lo_create(1)`,
      tables: A,
      says: '1 large objects stay',
    },
    neighbour: { made: TABLE, tables: A },
  },
  {
    ...{ id: 'stands-on-others', level: 'refuse', tables: A, says: 'constraint check_b on table public.a' },
    made: `${TWO} create function ok() returns bool stable begin atomic select count(*) >= 0 from b; end;
      alter table a add constraint check_b check (ok())`,
    neighbour: {
      made: `${TWO} create function ok() returns bool begin atomic select true; end; alter table a add constraint check_b check (ok())`,
      tables: A,
    },
  },
  {
    ...{ id: 'stands-on-others', level: 'refuse', tables: A, says: 'rule to_b on table public.a' },
    made: `${TWO} create rule to_b as on insert to a do also insert into b values (new.id)`,
    neighbour: { made: `${TWO} create rule none as on delete to a do instead nothing`, tables: A },
  },
  {
    ...{ id: 'stands-on-others', level: 'refuse', tables: ['public.c'], says: 'table public.c' },
    made: `${TWO} create table c (id int primary key, one b)`,
    neighbour: { made: `${TWO} create table c (id int primary key, one b)` },
  },
  {
    ...{ id: 'views-stay', level: 'note', tables: A, says: 'public.sums, public.two' },
    made: `${TWO} create view two as select a.id from a join b using (id); create materialized view sums as select count(*) from two`,
    neighbour: { made: `${TWO} create view one as select * from a; create view other as select * from b`, tables: A },
  },
  {
    ...{ id: 'sequences-stay', level: 'note', made: `${TABLE} create sequence s`, tables: A, says: 'public.s' },
    neighbour: {
      made: `${TABLE} create sequence s owned by a.id; create table c (n int default nextval('s'))`,
      tables: A,
    },
  },
  {
    ...{
      id: 'rules',
      level: 'note',
      made: `${TABLE} create rule none as on delete to a do instead nothing`,
      says: 'public.a (none)',
    },
    neighbour: { made: `${TABLE} create view v as select * from a` },
  },
  {
    ...{ id: 'always-triggers', level: 'refuse', says: 'public.a (trigger t)' },
    made: `${trigger('select 1')} alter table a enable always trigger t`,
    neighbour: { made: trigger('select 1') },
  },
  {
    ...{ id: 'always-triggers', level: 'refuse', says: 'public.a (rule none)' },
    made: `${TABLE} create rule none as on delete to a do instead nothing; alter table a enable replica rule none`,
    neighbour: { made: `${trigger('select 1')} alter table a disable trigger t` },
  },
  {
    ...{ id: 'triggers-outside', level: 'accept', tables: A, says: 'public.a (f names b.b)' },
    made: `create table "b.b" (id int); ${trigger('insert into "b.b" values (1)')}`,
    neighbour: { made: `create table b (id int); ${trigger('perform no_b(1)')}`, tables: A },
  },
  {
    ...{ id: 'trigger-functions', level: 'note', made: trigger('select 1'), tables: A, says: 'public.a (f)' },
    neighbour: { made: `${trigger('select 1')} create table b (id int primary key)`, tables: ['public.b'] },
  },
  {
    ...{
      id: 'no-equality',
      level: 'refuse',
      made: 'create table a (id int, "The note" json)',
      says: 'public.a (type json)',
    },
    neighbour: { made: 'create table a (id int primary key, note json); create table b (note jsonb)' },
  },
  {
    ...{ id: 'no-equality', level: 'refuse', made: 'create table a (places point[])', says: 'public.a (type point[])' },
    neighbour: {
      made: 'create table a (id int, note json); alter table a alter id set not null; create unique index i on a (id); alter table a replica identity using index i',
    },
  },
  {
    ...{ id: 'no-key', level: 'note', made: `create table a (id int primary key deferrable); create table b (id int)` },
    says: 'public.a, public.b',
    neighbour: { made: TWO },
  },
  {
    ...{
      id: 'extensions',
      level: 'refuse',
      made: TABLE,
      onSource: 'create extension file_fdw',
      says: /^extensions .*: file_fdw \(.*permission/i,
    },
    neighbour: { made: 'create schema s; create extension citext schema s' },
  },
  {
    ...{ id: 'extension-versions', level: 'accept', made: `${TABLE} create extension pg_trgm` },
    ...{ onTarget: "create extension pg_trgm version '1.3'", says: 'pg_trgm 1.6 and 1.3' },
    neighbour: { made: `${TABLE} create extension pg_trgm version '1.3'` },
  },
  {
    ...{ id: 'roles-missing', level: 'refuse', made: TABLE, says: 'does not have: visitor' },
    onSource: 'create role visitor; grant select on a to visitor',
    neighbour: { made: `${TABLE} grant select on a to reporting, public` },
  },
  {
    ...{ id: 'default-privileges', level: 'note', made: TABLE, says: 'those of beamstalk' },
    onSource: 'alter default privileges for role beamstalk grant select on tables to app_owner',
    neighbour: { made: `${TABLE} alter default privileges grant select on tables to reporting` },
  },
  {
    ...{ id: 'functions-of-others', level: 'accept', made: TABLE, says: 'public.f() (rdsadmin)' },
    onSource: "create function public.f() returns int language sql security definer as 'select 1'",
    neighbour: { made: TABLE, onSource: "create function public.f() returns int language sql as 'select 1'" },
  },
  {
    ...{ id: 'untrusted-functions', level: 'refuse', made: TABLE, says: 'public.f(integer) (internal)' },
    onSource: "create function public.f(int) returns int language internal as 'int4abs'",
    neighbour: {
      made: `${TABLE} create function f(int) returns int language sql as 'select 1'; create extension citext`,
    },
  },
  {
    ...{ id: 'settings', level: 'refuse', made: TABLE, says: /: app\.tenant \(permission denied/ },
    onSource: `do $$ begin execute format('alter database %I set app.tenant = 1', current_database()); end $$`,
    neighbour: {
      made: TABLE,
      onSource: `do $$ begin execute format('alter database %I set app.tenant = 1', current_database()); end $$`,
      onTarget: `do $$ begin execute format('alter database %I set app.tenant = 2', current_database()); end $$`,
    },
  },
  {
    ...{ id: 'settings-stay', level: 'note', made: TABLE, tables: A, says: ': work_mem of app_owner' },
    onSource: `do $$ begin execute format('alter role app_owner in database %I set work_mem = %L', current_database(), '8MB'); end $$`,
    neighbour: {
      ...{ made: TABLE, tables: A },
      onSource: `do $$ begin execute format('alter role app_owner in database %I set work_mem = %L', current_database(), '8MB'); end $$`,
      onTarget: `do $$ begin execute format('alter role app_owner in database %I set work_mem = %L', current_database(), '9MB'); end $$`,
    },
  },
  {
    ...{ id: 'event-triggers', level: 'accept', made: TABLE, says: 'fires' },
    onSource: `create function e() returns event_trigger language plpgsql as 'begin end';
      create event trigger fires on ddl_command_end execute function e()`,
    neighbour: { made: trigger('select 1') },
  },
  {
    ...{ id: 'security-labels', level: 'accept', made: TABLE, says: 'table public.a' },
    onSource: `set allow_system_table_mods = on; insert into pg_seclabel values ('a'::regclass, 'pg_class'::regclass, 0, 'p', 'secret')`,
    neighbour: { made: `${TABLE} comment on table a is 'x'` },
  },
  {
    ...{
      id: 'publications',
      level: 'accept',
      made: TWO,
      onSource: 'create publication feed for table a',
      tables: A,
      says: 'feed',
    },
    neighbour: { made: TWO, onSource: 'create publication feed for table b', tables: A },
  },
  {
    ...{
      id: 'publications',
      level: 'accept',
      made: TWO,
      onSource: 'create publication feed for tables in schema public',
    },
    says: 'feed',
    neighbour: { made: TWO },
  },
  {
    ...{
      id: 'target-not-empty',
      level: 'refuse',
      made: TABLE,
      onTarget: 'create view a as select 1',
      says: 'the target has already, and this move did not make: view public.a',
    },
    neighbour: { made: TABLE, onTarget: 'create table other (id int)' },
  },
];

function feed(name: string, table: string): string {
  return `create subscription ${name} connection 'host=nowhere' publication p with (connect = false);
    set allow_system_table_mods = on;
    insert into pg_subscription_rel select oid, '${table}'::regclass, 'r' from pg_subscription where subname = '${name}'`;
}

/** A table with a trigger whose function does something. */
export function trigger(does: string): string {
  return `${TABLE} create function f() returns trigger language plpgsql as $f$ begin ${does}; return new; end $f$;
    create trigger t before insert on a for each row execute function f();`;
}
