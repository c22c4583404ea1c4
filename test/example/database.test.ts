import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certified, certify } from './authority';
import { type Database, startDatabase } from './database';
import { type Environment, folder, ROOT, until } from './machine';
import { json, migrate, type Node, startNode, status } from './release';

let certified: Certified;
let database: Database;
let environment: Environment;

beforeAll(async () => {
  certified = certify('localhost');
  database = await startDatabase(certified);
  environment = { DATABASE_URL: database.url(), DATABASE_SSL: 'true', DATABASE_CA_FILE: certified.authority };
});

afterAll(() => database.stop());

describe('bin/migrate', () => {
  const refused = (line: RegExp) => ({ code: 1, lines: [expect.stringMatching(line) as string] });

  test('refuses a certificate of another authority', async () => {
    const other = { ...environment, DATABASE_CA_FILE: certify('localhost').authority };
    expect(await migrate(other)).toEqual(refused(/^counter: TLS: unknown_ca$/));
  });

  test('refuses one that the system knows nothing of, where no file is named', async () => {
    expect(await migrate({ ...environment, DATABASE_CA_FILE: '' })).toEqual(refused(/^counter: TLS: unknown_ca$/));
  });

  test("refuses a certificate for another host's name", async () => {
    const other = { ...environment, DATABASE_URL: database.url('127.0.0.1') };
    expect(await migrate(other)).toEqual(refused(/^counter: TLS: (handshake_failure|bad_certificate)$/));
  });

  test('refuses a file of authorities that is not there', async () => {
    const other = { ...environment, DATABASE_CA_FILE: '/nowhere.pem' };
    expect(await migrate(other)).toEqual(refused(/^counter: TLS: .*\/nowhere\.pem/));
  });

  test('says what a wrong password is, and not the password', async () => {
    const other = { ...environment, DATABASE_URL: database.url('localhost', 'not-this-one') };
    expect(await migrate(other)).toEqual(refused(/^counter: password authentication failed for user "app"$/));
  });

  test('does nothing of a migration that fails, and ends with its reason', async () => {
    const bad = join(ROOT, 'bad-release');
    cpSync(join(ROOT, 'release'), bad, { recursive: true });
    const file = join(bad, 'lib', 'counter-0.1.0', 'priv', 'migrations', '0003_bad.sql');
    writeFileSync(file, 'create table half (); select 1 / 0;');
    expect(await migrate(environment, '/bad-release')).toEqual(
      refused(/^counter: migration 3, bad: division by zero \(22012\)$/),
    );
    rmSync(bad, { recursive: true });
    const left = await database.sql('select max(version), to_regclass($$half$$) from schema_migrations', 'app');
    expect(left).toEqual(['2|']);
  });

  test('run by two at once, one does it and both are well', async () => {
    await database.sql('drop table schema_migrations, counter, jobs_done', 'app');
    const ends = await Promise.all([migrate(environment), migrate(environment)]);
    expect(ends.map(({ lines }) => lines.join()).sort()).toEqual([
      'counter: migrated 1, 2',
      'counter: the schema is up to date',
    ]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(await migrate(environment)).toEqual({ code: 0, lines: ['counter: the schema is up to date'] });
  });
});

describe('a node', () => {
  let node: Node;

  beforeAll(async () => {
    node = await startNode(environment);
    await until('the database', async () => (await status(`${node.url}/health`)) === 200);
  });
  afterAll(() => node.stop());

  test('counts each of many that come at once', async () => {
    const before = Number((await json(`${node.url}/counter`))['counter']);
    const values = await Promise.all(
      Array.from({ length: 200 }, async () =>
        Number((await json(`${node.url}/counter`, { method: 'POST' }))['counter']),
      ),
    );
    expect(new Set(values).size).toBe(200);
    expect(await json(`${node.url}/counter`)).toEqual({ counter: before + 200 });
  });

  test('reads on when all its connections are ended', async () => {
    for (let round = 0; round < 3; round++) {
      const reads = Array.from({ length: 40 }, () => status(`${node.url}/counter`));
      await database.sql('select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = $$app$$');
      expect(new Set(await Promise.all(reads))).toEqual(new Set([200]));
      expect(await status(`${node.url}/counter`)).toBe(200);
    }
  });

  test('without a database it answers within its time, and comes back by itself', async () => {
    await database.stop();
    const from = Date.now();
    expect(await status(`${node.url}/health`)).toBe(503);
    expect(await status(`${node.url}/counter`)).toBe(503);
    expect(Date.now() - from).toBeLessThan(6_000);
    expect(await status(`${node.url}/echo?message=x`)).toBe(200);
    await database.start();
    await until('the database again', async () => (await status(`${node.url}/health`)) === 200);
  });

  test('serves without a database whose certificate it does not know', async () => {
    const other = await startNode({ ...environment, DATABASE_CA_FILE: certify('localhost').authority });
    expect(await status(`${other.url}/health`)).toBe(503);
    expect(await status(`${other.url}/`)).toBe(200);
    const { lines } = await other.stop();
    expect(lines.filter((line) => line.includes('unknown_ca'))[0]).toMatch(/^level=warning msg="database localhost: /);
    expect(lines.join('\n')).not.toContain('p/w');
  });
});

describe('a database that moves', () => {
  // Error that lib/move has the side raise which no longer serves.
  const GUARD = `create or replace function refuse() returns trigger language plpgsql as
    $$begin raise exception using errcode = 'BM001', message = 'counter has moved to another database'; end$$;
    create trigger refuse before update on counter for each statement execute function refuse()`;
  const { inside, outside } = folder();
  const elsewhere = (): string => database.url().replace(/app$/, 'elsewhere');
  const says = (url: string): void => {
    writeFileSync(join(outside, 'new'), JSON.stringify({ DATABASE_URL: url, DATABASE_SSL: 'true' }));
    renameSync(join(outside, 'new'), join(outside, 'databases'));
  };
  const counted = async (name: string): Promise<number> =>
    Number((await database.sql('select value from counter', name))[0]);
  let node: Node;

  beforeAll(async () => {
    await database.sql('create database elsewhere template app owner app');
    node = await startNode({ ...environment, BEAMSTALK_DATABASES_FILE: `${inside}/databases` });
    await until('the database', async () => (await status(`${node.url}/health`)) === 200);
  });
  afterAll(() => node.stop());

  test('has writers wait until they hear of it, and each counts once, there', async () => {
    const before = await counted('elsewhere');
    const stayed = await counted('app');
    await database.sql(GUARD, 'app');
    const answers = Promise.all(Array.from({ length: 40 }, () => status(`${node.url}/counter`, { method: 'POST' })));
    await pause(700);
    says(elsewhere());
    expect(new Set(await answers)).toEqual(new Set([200]));
    expect(await counted('elsewhere')).toBe(before + 40);
    expect(await counted('app')).toBe(stayed);
  });

  test('has readers follow when the node is told', async () => {
    await database.sql('drop trigger refuse on counter; update counter set value = 1000000', 'app');
    await database.sql(GUARD, 'elsewhere');
    says(database.url());
    expect(await node.program('/release/bin/databases-changed')).toEqual({ code: 0, lines: [] });
    await until('the way back', async () => (await json(`${node.url}/counter`))['counter'] === 1_000_000, 2);
    expect(await json(`${node.url}/counter`, { method: 'POST' })).toEqual({ counter: 1_000_001 });
    const there =
      'select count(*) from pg_stat_activity where datname = $$elsewhere$$ and application_name = $$counter$$';
    await until('nobody is left behind', async () => (await database.sql(there))[0] === '0', 2);
  });

  test('is waited for within bounds', async () => {
    await database.sql(GUARD, 'app');
    const from = Date.now();
    expect(await status(`${node.url}/counter`, { method: 'POST' })).toBe(503);
    expect(Date.now() - from).toBeLessThan(9_500);
    await database.sql('drop trigger refuse on counter', 'app');
    expect(await status(`${node.url}/counter`, { method: 'POST' })).toBe(200);
  });
});
