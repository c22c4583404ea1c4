import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { roleNames } from '../../lambda/database-credentials/credentials';
import { makeRoles } from '../../lambda/database-credentials/roles';
import { MASTER, type PostgresPeer, startPostgresPeer } from '../peers/postgres';
import { postgresPrograms } from '../sharding/postgres-server';

// The commands of docs/runbooks.md as they stand there, from a database whose application means to become the
// administrator of the next one.

const RUNBOOK = readFileSync('docs/runbooks.md', 'utf8');
const APPLICATION = { username: 'app', password: String.raw`a:b\c 'd'` };
const PASSWORD = `alter role app password '${APPLICATION.password.replaceAll("'", "''")}'`;
/** Function of a constraint: it runs as whoever restores the rows. */
const HOSTILE = `
create function theft(integer) returns boolean language plpgsql as $$ begin
  -- Until an administrator comes.
  if session_user = 'app' then return true; end if;
  begin
    execute 'set role none';
    execute format('alter role %I password ''stolen''', session_user);
  exception when others then raise warning 'refused: %', sqlerrm; end;
  return true; end $$;
create extension citext;
comment on extension citext is 'of the application';
create table notes (id serial primary key, body citext check (theft(1)), twice integer generated always as (7) stored);
create index on notes (body);
create view first as select * from notes limit 1;
insert into notes (body) select 'note ' || n from generate_series(1, 5) n;`;

let source: PostgresPeer;
let target: PostgresPeer;
let folder: string;

beforeAll(async () => {
  [source, target] = await Promise.all([startPostgresPeer(), startPostgresPeer()]);
  // As on a box: one user, who owns the database.
  await source.sql('create role app login; alter database app owner to app');
  await source.sql(PASSWORD);
  await withRoles(target);
  await as(source, APPLICATION, HOSTILE);
});
afterAll(() => {
  for (const peer of [source, target]) peer.stop();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'beamstalk-runbook-'));
  await target.sql('drop schema public cascade; create schema public authorization app_owner');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Roles as the system makes them. */
async function withRoles(peer: PostgresPeer): Promise<void> {
  const client = new Client(login(peer, MASTER));
  await client.connect();
  await makeRoles(client, roleNames(APPLICATION.username));
  await client.end();
  await peer.sql(PASSWORD);
}

interface Who {
  readonly username: string;
  readonly password: string;
}

function login({ host, port, authority }: PostgresPeer, { username: user, password }: Who): object {
  return { host, port, database: MASTER.dbname, user, password, ssl: { ca: readFileSync(authority) } };
}

async function as(peer: PostgresPeer, who: Who, statements: string): Promise<Record<string, unknown>[]> {
  const client = new Client(login(peer, who));
  await client.connect();
  try {
    return [await client.query<Record<string, unknown>>(statements)].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** The blocks of commands below a heading, without their indentation. */
function blocks(heading: string): string[] {
  const section = RUNBOOK.split(/^## /m).find((one) => one.startsWith(heading)) ?? '';
  return [...section.matchAll(/\n\n((?: {4,}\S.*\n|\n(?= {7}))+)/g)].flatMap(([, text = '']) =>
    text
      .replace(/^ {7}/gm, '')
      .trim()
      .split(/\n\n(?=-- on )/),
  );
}

/** The one block with the text. */
function block(heading: string, text: string): string {
  const found = blocks(heading).filter((one) => one.includes(text));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
}

/** Runs commands of the runbook; names in capitals become those of the test. */
function run(commands: string, names: Readonly<Record<string, string>>, more: NodeJS.ProcessEnv = {}): string {
  let text = commands;
  for (const [name, value] of Object.entries(names)) text = text.replaceAll(name, value);
  return execFileSync('bash', ['-euo', 'pipefail', '-c', text], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${join(folder, 'stubs')}:${postgresPrograms()}:${process.env['PATH']}`,
      PGSSLMODE: 'verify-full',
      ...more,
    },
  });
}

/** The line for the password file, as the runbook makes it from the secret that it names. */
function passwordLine(secrets: Readonly<Record<string, Who>>): string {
  const text = /5\. Restore into RDS[\s\S]*?\n6\. /.exec(RUNBOOK)?.[0] ?? '';
  const named = /ARN from\s+`\/beamstalk\/E\/(\S+)`/.exec(text)?.[1] ?? '';
  expect(Object.keys(secrets)).toContain(named);
  execFileSync('mkdir', ['-p', join(folder, 'stubs')]);
  writeFileSync(join(folder, 'secret'), JSON.stringify(secrets[named]));
  writeFileSync(join(folder, 'stubs', 'aws'), '#!/bin/bash\ncat secret\n');
  chmodSync(join(folder, 'stubs', 'aws'), 0o755);
  return run(block('0 to 1', 'get-secret-value'), { ENDPOINT: 'localhost' });
}

async function verifierOf(peer: PostgresPeer, role: string): Promise<unknown> {
  return (await peer.sql(`select rolpassword from pg_authid where rolname = '${role}'`))[0]?.['rolpassword'];
}

describe('moving a database whose application is hostile', () => {
  const SECRETS = { 'database/secret': MASTER, 'database/application-secret': APPLICATION };
  const ROWS = 'select count(*)::int as rows, min(body) as first from notes';

  test('from the box to RDS gives it the rows, and not the administrator', async () => {
    const [from, to] = [source, target];
    const before = await verifierOf(to, MASTER.username);
    const line = passwordLine(SECRETS);
    expect(line).toContain(":app:a\\:b\\\\c 'd'\n");
    writeFileSync(join(folder, 'pgpass.from'), line.replace(':5432:', `:${from.port}:`), { mode: 0o600 });
    writeFileSync(join(folder, 'pasted'), line.replace(':5432:', `:${to.port}:`));
    const dump = block('0 to 1', 'pg_dump').split('\n');
    run(
      dump.join('\n'),
      { 'runuser -u postgres -- ': '', '/data/': `${folder}/`, ' DATABASE': ' --host localhost --username app app' },
      { PGPORT: String(from.port), PGPASSFILE: join(folder, 'pgpass.from'), PGSSLROOTCERT: from.authority },
    );
    run(
      `umask 077\n${block('0 to 1', 'pg_restore')}`,
      {
        'cat > /run/beamstalk/pgpass': `cat pasted > ${folder}/pgpass`,
        ...{ '/run/beamstalk/': `${folder}/`, '/data/': `${folder}/`, ENDPOINT: 'localhost', USER: 'app' },
        DATABASE: 'app',
      },
      { PGPORT: String(to.port), PGSSLROOTCERT: to.authority },
    );
    expect(await as(to, APPLICATION, ROWS)).toEqual([{ rows: 5, first: 'note 1' }]);
    expect(await to.sql(`select tableowner from pg_tables where tablename = 'notes'`)).toEqual([
      { tableowner: 'app_owner' },
    ]);
    expect(await verifierOf(to, MASTER.username)).toBe(before);
    await as(to, MASTER, 'select 1');
  });

  test('leaves the administrator no statement in which a name of the application could be taken for another', () => {
    const administrators = blocks('0 to 1').filter((one) => one.includes('create extension NAME'));
    expect(administrators).toHaveLength(1);
    for (const statements of administrators) expect(statements).toMatch(/^set search_path = pg_catalog, pg_temp;\n/);
  });
});
