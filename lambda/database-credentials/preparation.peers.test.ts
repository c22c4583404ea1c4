import { setTimeout as pause } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import { describe, expect, test } from 'vitest';
import {
  answers,
  asAdministrator,
  asApplication,
  function_,
  loginAs,
  newFunction,
  ownersOf,
  postgres,
  prepare,
  request,
  rowsOf,
  secrets,
  useCredentials,
} from '../../test/peers/credentials-bench';
import { MASTER } from '../../test/peers/postgres';

useCredentials();

describe('preparing', () => {
  test('lets the application in with the password of its secret, as the owner of what it makes', async () => {
    await prepare();
    const found = await asApplication(async (client) => {
      await client.query('create table things (id serial primary key); create schema own; create extension citext');
      return rowsOf(client, `select session_user, current_user, tableowner from pg_tables where tablename = 'things'`);
    });
    expect(found).toEqual([{ session_user: 'app', current_user: 'app_owner', tableowner: 'app_owner' }]);
    await postgres.sql('drop schema own; drop extension citext');
  });

  test.each([
    ['make roles', 'create role more', '42501'],
    ['make databases', 'create database more', '42501'],
    ['become the administrator', 'set role beamstalk', '42501'],
    ['change the password of the administrator', `alter role beamstalk password 'x'`, '42501'],
    ['drop the database', 'drop database app', '42501'],
    ['read what only superusers may', 'select * from pg_authid', '42501'],
    ['run programs of the server', `copy (select 1) to program 'true'`, '42501'],
    ['let IAM in', 'grant rds_iam to app', '42501'],
  ])('gives it no right to %s', async (_, statement, code) => {
    await prepare();
    await expect(asApplication((client) => client.query(statement))).rejects.toMatchObject({ code });
  });

  test('hands over what the administrator made, while those who log in as administrator go on', async () => {
    await postgres.sql(ADMINISTRATORS_OWN);
    const before = new Pool(loginAs(MASTER.username, MASTER.password));
    const errors: unknown[] = [];
    let ended = false;
    const writer = (async () => {
      while (!ended)
        await before
          .query('insert into parent default values; select * from seen; select twice(1)')
          .catch((error: unknown) => errors.push(error));
    })();
    await prepare();
    await pause(100);
    ended = true;
    await writer;
    await before.end();
    expect(errors).toEqual([]);
    expect(await ownersOf('beamstalk')).toEqual([]);
    // An extension keeps its maker, and the database its own.
    expect(
      await postgres.sql(`select pg_get_userbyid(extowner) as owner from pg_extension where extname = 'hstore'`),
    ).toEqual([{ owner: 'beamstalk' }]);
    expect(
      await postgres.sql(`select pg_get_userbyid(datdba) as owner from pg_database where datname = 'app'`),
    ).toEqual([{ owner: 'beamstalk' }]);
    await asApplication((client) =>
      client.query(`alter table parent add column later text; insert into parent (later) values ('x'); drop view seen;
        alter type mood add value 'calm'; drop function twice(integer); insert into other.elsewhere values (1)`),
    );
    // What old nodes make until they are replaced.
    await asAdministrator((client) => client.query('create table late (id integer)'));
    await asApplication((client) => client.query('insert into late values (1)'));
    await postgres.sql('drop extension hstore');
  });

  test('waits for a table in use without making others wait behind it, and goes on when run again', async () => {
    await asAdministrator((client) => client.query('create table busy (id integer); create table free (id integer)'));
    const held = new Client(loginAs(MASTER.username, MASTER.password));
    await held.connect();
    await held.query('begin; select * from busy');
    const slow = newFunction({ milliseconds: 9000 });
    const began = await slow.invoke<unknown>(request('Create')).then(() => answers.last());
    expect(began).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('the table public.busy stays in use'),
    });
    await held.query('commit');
    await held.end();
    await prepare();
    await slow.end();
    expect(await ownersOf('beamstalk')).toEqual([]);
  });

  test('several at once, and again, changes nothing that is right', async () => {
    const others = [newFunction(), newFunction(), newFunction()];
    await Promise.all([function_, ...others].map((one) => one.invoke(request('Create'))));
    await Promise.all(others.map((one) => one.end()));
    await prepare('Update');
    await asApplication((client) => client.query('select 1'));
  });

  test('says what is wrong, without a word of a secret, and deletes nothing', async () => {
    await prepare();
    secrets.put('application', `not JSON: hunter2`);
    await function_.invoke(request('Update'));
    expect(answers.last()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('no JSON object') });
    secrets.put('master', JSON.stringify({ ...MASTER, host: 'localhost', port: postgres.port, password: 'hunter3' }));
    secrets.put('application', JSON.stringify({ username: 'app', password: 'hunter2', masterarn: 'master' }));
    await function_.invoke(request('Update'));
    expect(answers.last()).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('password authentication failed'),
    });
    await function_.invoke(request('Delete'));
    expect(answers.last().Status).toBe('SUCCESS');
    expect(await postgres.sql(`select count(*)::int as roles from pg_roles where rolname like 'app%'`)).toEqual([
      { roles: 3 },
    ]);
    expect(function_.output).not.toMatch(/hunter[23]|made-by-CloudFormation/);
  });

  test('makes a user who logs in by IAM, and no password', async () => {
    const { host, port } = postgres;
    const shard = {
      MasterSecret: 'bare',
      Host: host,
      Port: String(port),
      Database: 'app',
      TokenUser: 'beamstalk_prod',
    };
    // RDS keeps only these two in a secret that it manages.
    secrets.put('bare', JSON.stringify({ username: MASTER.username, password: MASTER.password }));
    await function_.invoke(request('Create', shard));
    expect(answers.last()).toMatchObject({ Status: 'SUCCESS' });
    const [role] = await postgres.sql(
      `select rolcanlogin, rolpassword, pg_has_role(oid, 'rds_iam', 'member') as iam, pg_has_role(oid, 'beamstalk', 'member')
        as administrator from pg_authid where rolname = 'beamstalk_prod'`,
    );
    expect(role).toEqual({ rolcanlogin: true, rolpassword: null, iam: true, administrator: false });
  });
});

/** One of each kind that a system may have made before its application had a role; owned by the administrator. */
const ADMINISTRATORS_OWN = `
set session authorization beamstalk;
create extension hstore;
create schema other;
create type mood as enum ('glad', 'sad');
create domain positive as integer check (value > 0);
create type pair as (a integer, b integer);
create type span as range (subtype = integer);
create table parent (id serial primary key, m mood, "o'dd ""name""" text);
create table child (id bigint generated always as identity, parent integer references parent);
create table other.elsewhere (id integer);
create table parts (id integer) partition by range (id);
create table parts_1 partition of parts for values from (0) to (10);
create sequence alone;
create view seen as select * from parent limit 1;
create materialized view kept as select count(*) from parent;
create function twice(integer) returns bigint language sql security definer as 'select count(*) * 2 from public.parent';
create procedure nothing() language sql as '';
create aggregate total(integer) (sfunc = int4pl, stype = integer);
create collation german (locale = 'C');
create statistics both_of on id, m from parent;
create text search configuration plain (copy = simple);
create text search dictionary words (template = simple);
select lo_create(4711);
reset session authorization;`;
