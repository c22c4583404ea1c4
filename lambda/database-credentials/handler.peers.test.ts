import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { machine } from '../../test/node/machine';
import { BundledFunction } from '../../test/peers/bundled-function';
import { MASTER, type PostgresPeer, startPostgresPeer } from '../../test/peers/postgres';
import { type SecretsManager, startSecretsManager } from '../../test/peers/secrets-manager';

// The function as bundled, against a PostgreSQL that wants TLS and passwords. The order of the steps is that of Secrets
// Manager: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const ROLES = ['app', 'app_clone', 'app_owner'];

let postgres: PostgresPeer;
let secrets: SecretsManager;
let function_: BundledFunction;
let answers: {
  server: Server;
  url: string;
  last: () => { Status: string; Reason: string; PhysicalResourceId: string };
};

beforeAll(async () => {
  [postgres, secrets, answers] = await Promise.all([startPostgresPeer(), startSecretsManager(), answerBox()]);
  function_ = newFunction();
});

afterAll(async () => {
  await function_.end();
  postgres.stop();
  await secrets.stop();
  answers.server.close();
});

beforeEach(() => {
  const { host, port } = postgres;
  secrets.put('master', JSON.stringify({ engine: 'postgres', host, port, ...MASTER }));
  secrets.put(
    'application',
    JSON.stringify({ username: 'app', password: 'made-by-CloudFormation-0', masterarn: 'master' }),
  );
});

afterEach(async () => {
  secrets.fail('', 0);
  await postgres.sql(`drop schema if exists other cascade; drop schema if exists public cascade; create schema public;
    alter schema public owner to pg_database_owner; grant usage on schema public to public;
    select lo_unlink(oid) from pg_largeobject_metadata`);
  for (const role of [...ROLES, 'beamstalk_prod', 'beamstalk_prod_owner']) {
    const [there] = await postgres.sql(`select from pg_roles where rolname = '${role}'`);
    if (there) await postgres.sql(`drop owned by ${role}; drop role ${role}`);
  }
});

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

describe('a rotation', () => {
  test('gives the next user a new password, and leaves the one in use', async () => {
    await prepare();
    const first = valueAt();
    await rotate();
    expect(valueAt()).toMatchObject({ username: 'app_clone', masterarn: 'master' });
    expect(valueAt().password).not.toBe(first.password);
    expect(valueAt('AWSPREVIOUS')).toEqual(first);
    await asApplication((client) => client.query('create table one (id integer)'), first);
    // Either of the two changes what the other has made.
    await asApplication((client) => client.query('alter table one add column more text'));
    await rotate();
    expect(valueAt().username).toBe('app');
    await expect(asApplication((client) => client.query('select 1'), first)).rejects.toMatchObject({ code: '28P01' });
  });

  test('leaves no password in the log of the server, which has every statement', async () => {
    await prepare();
    await rotate();
    await rotate();
    const log = postgres.log();
    expect(log).toContain('SCRAM-SHA-256$');
    for (const stage of ['AWSCURRENT', 'AWSPREVIOUS']) expect(log).not.toContain(valueAt(stage).password);
    for (const stage of ['AWSCURRENT', 'AWSPREVIOUS']) expect(function_.output).not.toContain(valueAt(stage).password);
  });

  test.each(STEPS)('goes on after %s was done and its answer lost', async (lost) => {
    await prepare();
    const version = secrets.beginRotation('application');
    for (const step of STEPS) {
      await function_.invoke(rotation(step, version));
      if (step === lost) await function_.invoke(rotation(step, version));
    }
    await asApplication((client) => client.query('select 1'));
    expect(valueAt().username).toBe('app_clone');
  });

  test.each([
    ['createSecret', 'GetSecretValue'],
    ['createSecret', 'PutSecretValue'],
    ['setSecret', 'GetSecretValue'],
    ['testSecret', 'DescribeSecret'],
    ['finishSecret', 'UpdateSecretVersionStage'],
  ])('goes on after %s failed at %s, and nobody was locked out', async (failing, operation) => {
    await prepare();
    const version = secrets.beginRotation('application');
    for (const step of STEPS) {
      if (step === failing) {
        secrets.fail(operation, 1);
        await expect(function_.invoke(rotation(step, version))).rejects.toThrow('injected');
        await asApplication((client) => client.query('select 1'));
        expect(valueAt().username).toBe('app');
      }
      await function_.invoke(rotation(step, version));
    }
    await asApplication((client) => client.query('select 1'));
    expect(valueAt().username).toBe('app_clone');
  });

  test('whose function dies in the middle of a step, or runs twice at once, ends all the same', async () => {
    await prepare();
    const version = secrets.beginRotation('application');
    await function_.invoke(rotation('createSecret', version));
    const [first, second] = [newFunction(), newFunction()];
    const dying = first.invoke(rotation('setSecret', version)).catch(() => undefined);
    await pause(150);
    await first.end();
    await dying;
    await Promise.all([function_, second].map((one) => one.invoke(rotation('setSecret', version))));
    for (const step of STEPS.slice(2)) await function_.invoke(rotation(step, version));
    await second.end();
    await asApplication((client) => client.query('select 1'));
  });

  test('is tested with a copy of the current version when it is configured', async () => {
    await prepare();
    const version = secrets.beginRotation('application');
    await put(version, valueAt());
    await function_.invoke(rotation('testSecret', version));
  });

  test.each([
    ['of a version that is not there', async () => randomUUID(), 'setSecret', /has no version/],
    [
      'for the administrator',
      async () => withPending({ username: 'beamstalk' }),
      'setSecret',
      /expected the other user of app/,
    ],
    [
      'for the user in use',
      async () => withPending({ username: 'app' }),
      'setSecret',
      /expected the other user of app/,
    ],
    [
      'for a name that is SQL',
      async () => withPending({ username: 'app"; drop role app; --' }),
      'setSecret',
      /expected the other user/,
    ],
    ['without a value', async () => secrets.beginRotation('application'), 'setSecret', /has no value yet/],
    ['by an unknown step', async () => secrets.beginRotation('application'), 'dropSecret', /expected createSecret/],
  ])('%s is refused', async (_, version, step, reason) => {
    await prepare();
    await expect(function_.invoke(rotation(step, await version()))).rejects.toThrow(reason);
    await asApplication((client) => client.query('select 1'));
    await asAdministrator((client) => client.query('select 1'));
  });

  test('takes names that SQL, a shell or a URL would misread', async () => {
    const username = `o'Brien "x"; $(id) %s \\ é`;
    secrets.put('application', JSON.stringify({ username, password: 'first', masterarn: 'master' }));
    await prepare();
    await rotate();
    expect(valueAt().username).toBe(`${username}_clone`);
    await asApplication((client) => client.query('create table one (id integer)'));
    await rotate();
    await asApplication((client) => client.query('drop table one'));
    const names = [username, `${username}_clone`, `${username}_owner`].map((name) => `"${name.replaceAll('"', '""')}"`);
    for (const name of names) await postgres.sql(`drop owned by ${name}; drop role ${name}`);
  });

  test('refuses a name that would be cut to that of another user', async () => {
    secrets.put('application', JSON.stringify({ username: 'a'.repeat(60), password: 'first', masterarn: 'master' }));
    await function_.invoke(request('Create'));
    expect(answers.last()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('1 to 63 bytes') });
  });

  test('trusts no server whose certificate another authority signed', async () => {
    await prepare();
    const trusting = newFunction({ authority: undefined });
    await expect(trusting.invoke(rotation('createSecret', secrets.beginRotation('application')))).rejects.toThrow(
      /certificate/,
    );
    await trusting.end();
  });

  test('waits until a read replica has the password', async () => {
    await prepare();
    const replica = await postgres.follow();
    try {
      await rotate();
      const { username, password } = valueAt();
      const client = new Client({
        ...loginAs(username, password),
        port: replica.port,
        ssl: { ca: readFileSync(replica.authority) },
      });
      await client.connect();
      await client.end();
      await replica.sql('select pg_wal_replay_pause()', 'postgres');
      const version = secrets.beginRotation('application');
      const hurried = newFunction({ milliseconds: 8000 });
      for (const step of STEPS.slice(0, 2)) await hurried.invoke(rotation(step, version));
      await expect(hurried.invoke(rotation('testSecret', version))).rejects.toThrow(
        'a read replica does not have the new password yet',
      );
      await replica.sql('select pg_wal_replay_resume()', 'postgres');
      for (const step of STEPS.slice(2)) await function_.invoke(rotation(step, version));
      await hurried.end();
    } finally {
      replica.stop();
      await postgres
        .sql(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active`)
        .catch(() => undefined);
    }
  });
});

describe('an application that means to become the administrator', () => {
  test('makes what fits better than what the function calls, and none of it runs', async () => {
    await prepare();
    const heard = async (before: number): Promise<string> => postgres.log().slice(before);
    // A first round tells by the server's log, which has every statement, what is called.
    const start = postgres.log().length;
    await prepare('Update');
    await rotate();
    const called = new Set([...(await heard(start)).matchAll(/\b([a-z][a-z_0-9]*)\s*\(/g)].map(([, name]) => name));
    const names = (await postgres.sql('select distinct proname from pg_catalog.pg_proc')).map((row) => row['proname']);
    const used = names.filter((name): name is string => called.has(String(name)));
    expect(used).toEqual(expect.arrayContaining(['pg_advisory_lock', 'quote_ident', 'current_database', 'count']));
    await asApplication((client) => client.query(hostileNamesakes(used)));
    const [made] = await postgres.sql(`select count(*)::int as functions from pg_catalog.pg_proc p
      where pronamespace = 'public'::regnamespace`);
    expect(made?.['functions']).toBeGreaterThan(used.length * 5);
    const before = await passwordOf(MASTER.username);
    const ran = postgres.log().length;
    await prepare('Update');
    await rotate();
    await rotate();
    expect(await heard(ran)).not.toContain('stolen');
    expect(await passwordOf(MASTER.username)).toBe(before);
    await asAdministrator((client) => client.query('select 1'));
  });

  /** Verifier that the server keeps of a password. */
  async function passwordOf(role: string): Promise<unknown> {
    return (await postgres.sql(`select rolpassword from pg_authid where rolname = '${role}'`))[0]?.['rolpassword'];
  }

  /** Functions of these names, and operators, for arguments of every common type; relations that catalogues bear too. */
  function hostileNamesakes(functions: readonly string[]): string {
    const types = ['text', 'name', 'varchar', 'integer', 'bigint', 'numeric', 'oid', 'inet', 'anyelement'];
    const list = (all: readonly string[]): string => `array[${all.map((one) => `'${one}'`).join(', ')}]`;
    return `set search_path = pg_catalog;
      do $do$
      declare f text; t text; n integer; o text; u text;
        theft text := $theft$ begin raise warning 'stolen'; alter role current_user password 'stolen'; return null; end $theft$;
      begin
        foreach f in array ${list(functions)} loop
          execute format('create function public.%I() returns text language plpgsql as %L', f, theft);
          foreach t in array ${list(types)} loop
            for n in 1..3 loop
              execute format('create function public.%I(%s) returns %s language plpgsql as %L', f,
                array_to_string(array_fill(t, array[n]), ', '), case t when 'anyelement' then t else 'text' end, theft);
            end loop;
          end loop;
        end loop;
        foreach t in array ${list(types.slice(0, -1))} loop
          foreach u in array ${list(types.slice(0, -1))} loop
            execute format('create function public.equal_theft(%s, %s) returns boolean language plpgsql as %L', t, u, theft);
            foreach o in array array['=', '<>', '!~', '<', '-'] loop
              execute format('create operator public.%s (leftarg = %s, rightarg = %s, function = public.equal_theft)', o, t, u);
            end loop;
          end loop;
        end loop;
        foreach t in array array['pg_roles', 'pg_namespace', 'pg_stat_activity', 'pg_stat_replication', 'pg_class'] loop
          execute format('create view public.%I as select 1 as oid', t);
        end loop;
      end $do$`;
  }
});

describe('nodes', () => {
  test('that live shorter than a rotation open connections at any time: none fails over six rotations', async () => {
    await prepare();
    const fleet = [new RunningNode(), new RunningNode(), new RunningNode()];
    for (let rotation = 0; rotation < 6; rotation++) {
      await rotate();
      await pause(150);
      // One by one, as a group replaces what has lived its time.
      for (const [at, old] of fleet.entries()) {
        fleet[at] = new RunningNode();
        await pause(30);
        await old.end();
      }
    }
    const outcome = fleet.map((node) => node.failures.length);
    for (const node of fleet) await node.end();
    expect(outcome).toEqual([0, 0, 0]);
    expect(RunningNode.failed).toEqual([]);
    expect(RunningNode.connections).toBeGreaterThan(100);
  });

  test('that live on are not locked out: the rotation waits for them, says for whom, and goes on', async () => {
    await prepare();
    const old = new RunningNode();
    await pause(100);
    await rotate();
    for (let attempt = 0; attempt < 3; attempt++) {
      const version = secrets.beginRotation('application');
      await expect(function_.invoke(rotation('createSecret', version))).rejects.toThrow(
        /the password of app is not changed: \d+ sessions of app, from (127\.0\.0\.1|::1), are open/,
      );
      await pause(100);
    }
    expect(valueAt().username).toBe('app_clone');
    const replacement = new RunningNode();
    await old.end();
    await rotate();
    expect(valueAt().username).toBe('app');
    await replacement.end();
    expect(RunningNode.failed).toEqual([]);
  });

  test('whose sessions a restart of the server has just ended are waited for', async () => {
    await prepare();
    await rotate();
    await postgres.restart();
    const careful = newFunction({ settledSeconds: 600 });
    const version = secrets.beginRotation('application');
    await expect(careful.invoke(rotation('createSecret', version))).rejects.toThrow(/the server started \d+ s ago/);
    await careful.end();
    await rotate();
  });

  test('the DATABASE_URL of a boot opens connections across a rotation, and the box follows at night before the next', async () => {
    await prepare();
    const box = machine({ steps: ['release', 'credentials'] });
    box.write('opt/beamstalk/current/responder.py', '');
    box.write('secret', secrets.value('application'));
    box.parameters(
      {
        'database/endpoint': 'localhost',
        'database/port': String(postgres.port),
        'database/application-secret': 'arn:app',
      },
      `*arn:app*) cat "$BEAMSTALK_ROOT/secret" ;;`,
    );
    expect(box.boot()).toMatchObject({ status: 0 });
    const connect = async (): Promise<unknown> => {
      const url = /^DATABASE_URL="(.*)"$/m.exec(box.read('etc/beamstalk/release.env'))?.[1];
      const client = new Client({ connectionString: url, ssl: { ca: readFileSync(postgres.authority) } });
      await client.connect();
      try {
        return (await rowsOf(client, 'select session_user, current_user'))[0];
      } finally {
        await client.end();
      }
    };
    const users: unknown[] = [];
    for (let rotation = 0; rotation < 4; rotation++) {
      users.push(await connect());
      await rotate();
      // The one of the boot is not the current one any more, and still right.
      await connect();
      box.write('secret', secrets.value('application'));
      expect(box.bash(['opt/beamstalk/boot/files/bin/credentials.sh'])).toMatchObject({ status: 0 });
    }
    expect(users).toEqual(
      ['app', 'app_clone', 'app', 'app_clone'].map((user) => ({ session_user: user, current_user: 'app_owner' })),
    );
  });

  beforeEach(() => {
    RunningNode.failed = [];
    RunningNode.connections = 0;
  });
});

/** A release that does nothing about passwords: it reads the secret once, and its pool opens connections for ever. */
class RunningNode {
  static failed: string[] = [];
  static connections = 0;
  readonly failures: string[] = [];
  private readonly pool: Pool;
  private readonly work: Promise<void>[];
  private ended = false;

  constructor() {
    const { username, password } = valueAt();
    // Each connection serves a few queries and gives way to a new one; not all at once, as with a real pool.
    this.pool = new Pool({ ...loginAs(username, password), max: 3, maxUses: 4 });
    this.pool.on('connect', () => {
      RunningNode.connections += 1;
    });
    this.pool.on('error', () => undefined);
    this.work = [1, 2, 3].map((worker) => this.run(worker));
  }

  async end(): Promise<void> {
    this.ended = true;
    await Promise.all(this.work);
    await this.pool.end();
  }

  private async run(worker: number): Promise<void> {
    while (!this.ended) {
      try {
        await this.pool.query('select pg_sleep(0.005 * $1)', [worker]);
      } catch (error) {
        this.failures.push(String(error));
        RunningNode.failed.push(String(error));
      }
    }
  }
}

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

/** What a role owns in the database, but for the database itself and extensions with their parts. */
async function ownersOf(role: string): Promise<Record<string, unknown>[]> {
  return postgres.sql(`select pg_describe_object(classid, objid, objsubid) as what from pg_shdepend
    where deptype = 'o' and refobjid = '${role}'::regrole and dbid = (select oid from pg_database where datname = 'app')
      -- The multirange goes with its range.
      and not (classid = 'pg_type'::regclass and exists (select from pg_type t where t.oid = objid and typtype = 'm'))
      and classid not in ('pg_extension'::regclass, 'pg_default_acl'::regclass)
      and (classid, objid) not in (select classid, objid from pg_depend where deptype = 'e')`);
}

interface FunctionChanges {
  readonly milliseconds?: number;
  readonly settledSeconds?: number;
  readonly authority?: string | undefined;
}

function newFunction(changes: FunctionChanges = {}): BundledFunction {
  const { milliseconds = 20_000, settledSeconds = 0 } = changes;
  const authority = 'authority' in changes ? changes.authority : postgres.authority;
  return new BundledFunction('database-credentials', {
    services: { SECRETS_MANAGER: secrets },
    milliseconds,
    environment: {
      WATCH_SECONDS: '0.5',
      SETTLED_SECONDS: String(settledSeconds),
      AWS_MAX_ATTEMPTS: '1',
      ...(authority !== undefined && { NODE_EXTRA_CA_CERTS: authority }),
    },
  });
}

function request(RequestType: string, properties: unknown = { Secret: 'application' }): unknown {
  return {
    RequestType,
    ResponseURL: answers.url,
    StackId: 'stack',
    RequestId: randomUUID(),
    LogicalResourceId: 'Roles',
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'roles' }),
    ResourceProperties: properties,
  };
}

async function prepare(type = 'Create'): Promise<void> {
  await function_.invoke(request(type));
  expect(answers.last()).toMatchObject({ Status: 'SUCCESS' });
}

function rotation(Step: string, ClientRequestToken: string): unknown {
  return { Step, SecretId: 'application', ClientRequestToken, RotationToken: 'token' };
}

async function rotate(): Promise<void> {
  const version = secrets.beginRotation('application');
  for (const step of STEPS) await function_.invoke(rotation(step, version));
}

interface Value {
  readonly username: string;
  readonly password: string;
}

function valueAt(stage = 'AWSCURRENT'): Value {
  return JSON.parse(secrets.value('application', stage)) as Value;
}

async function withPending(changes: Partial<Value>): Promise<string> {
  const version = secrets.beginRotation('application');
  await put(version, { ...valueAt(), password: 'new', ...changes });
  return version;
}

/** Puts a value under a version as somebody else than the function would. */
async function put(ClientRequestToken: string, value: Value): Promise<void> {
  const answer = await fetch(secrets.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'secretsmanager.PutSecretValue' },
    body: JSON.stringify({
      SecretId: 'application',
      ClientRequestToken,
      SecretString: JSON.stringify(value),
      VersionStages: ['AWSPENDING'],
    }),
  });
  expect(answer.status).toBe(200);
}

function loginAs(user: string, password: string): object {
  const { host, port, authority } = postgres;
  return { host, port, database: MASTER.dbname, user, password, ssl: { ca: readFileSync(authority) } };
}

async function asApplication<T>(work: (client: Client) => Promise<T>, who: Value = valueAt()): Promise<T> {
  return asUser(who.username, who.password, work);
}

async function asAdministrator<T>(work: (client: Client) => Promise<T>): Promise<T> {
  return asUser(MASTER.username, MASTER.password, work);
}

async function asUser<T>(user: string, password: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(loginAs(user, password));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function rowsOf(client: Client, statement: string): Promise<Record<string, unknown>[]> {
  return (await client.query<Record<string, unknown>>(statement)).rows;
}

async function answerBox(): Promise<typeof answers> {
  let last = { Status: 'none', Reason: '', PhysicalResourceId: '' };
  const server = createServer(async (incoming, outgoing) => {
    let text = '';
    for await (const part of incoming) text += String(part);
    last = JSON.parse(text) as typeof last;
    outgoing.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, last: () => last };
}
