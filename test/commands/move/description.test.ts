import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readMove } from '../../../lib/commands/move/description';
import { DEFAULT_LIMITS } from '../../../lib/move/move';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'beamstalk-test-'));
  for (const name of ['authority.pem', 'administrator', 'owner']) put(name, `${name}\n`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function side(title: string): Record<string, unknown> {
  return {
    title,
    host: `${title}.internal`,
    database: 'app',
    authority: 'authority.pem',
    administrator: { user: 'beamstalk', passwordFile: 'administrator' },
    owner: { user: 'app', passwordFile: 'owner' },
  };
}

function move(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'users',
    tables: ['public.users'],
    source: side('one'),
    target: side('two'),
    announce: ['true'],
    ...changes,
  };
}

function read(described: unknown, mode = 0o600) {
  return readMove(put('move.json', JSON.stringify(described), mode), () => undefined);
}

function refusal(described: unknown, mode?: number): string {
  try {
    read(described, mode);
    return 'read';
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(folder, '') : 'no error';
  }
}

test('a move is read with its files, which are looked for beside it', () => {
  const { source, tables, limits, programs, accepted } = read(move());
  expect(source).toEqual({
    title: 'one',
    administrator: {
      ...{ host: 'one.internal', port: 5432, database: 'app' },
      ...secret('beamstalk', 'administrator'),
    },
    owner: { ...{ host: 'one.internal', port: 5432, database: 'app' }, ...secret('app', 'owner') },
  });
  expect(tables).toEqual([{ schema: 'public', name: 'users' }]);
  expect(limits).toEqual(DEFAULT_LIMITS);
  expect(programs).toEqual({ pgDump: 'pg_dump', pgRestore: 'pg_restore' });
  expect(accepted).toEqual([]);
});

function secret(user: string, password: string): Record<string, string> {
  return { user, password, authority: 'authority.pem\n' };
}

test('one limit leaves the others as they are', () => {
  expect(read(move({ limits: { sequenceGap: 0 } })).limits).toEqual({ ...DEFAULT_LIMITS, sequenceGap: 0 });
});

const FIRST = { begun: 1_764_490_000, epoch: 1 };

test('the nodes are told by a program, in the folder of the file', async () => {
  await read(move({ announce: ['sh', '-c', 'echo "$1 $2" > told', 'sh', 'to'] })).announce('target', FIRST);
  expect(readFileSync(join(folder, 'told'), 'utf8')).toBe('to target\n');
});

test('a program that does not end is ended, and the message says so', async () => {
  const { announce } = read(move({ announce: ['sh', '-c', 'sleep 20'], limits: { patienceSeconds: 1 } }));
  await expect(announce('target', FIRST)).rejects.toThrow('announce was ended after 1 s, limits.patienceSeconds');
});

describe('what is wrong is one message', () => {
  test.each<[string, () => string, string]>([
    ['a file that is not there', () => refusalOf('absent.json'), 'the file: allowed: one that can be read (ENOENT'],
    ['a file that is no JSON', () => refusalOf(put('bad.json', '{')), 'the file: allowed: JSON ('],
    [
      'a name that makes none in PostgreSQL',
      () => refusal(move({ id: 'Users!' })),
      'id: received "Users!"; allowed: a lower case letter, then at most 29 of a-z, 0-9 and _; set it in /move.json',
    ],
    [
      'a table without its schema',
      () => refusal(move({ tables: ['users'] })),
      'tables.0: received "users"; allowed: a table with its schema, such as public.users',
    ],
    ['no tables', () => refusal(move({ tables: [] })), 'tables: received []; allowed: "all", or'],
    [
      'a key that is unknown',
      () => refusal(move({ colour: 1 })),
      'colour: allowed: no such key: docs/moving.md lists them',
    ],
    [
      'a port that is none',
      () => refusal(move({ source: { ...side('one'), port: 0 } })),
      'source.port: received 0; allowed: an integer from 1 to 65535; set it in /move.json',
    ],
    [
      'two passwords',
      () => refusal(move({ target: { ...side('two'), owner: { user: 'app', password: 'a', passwordFile: 'owner' } } })),
      'target.owner.password: allowed: either password or passwordFile',
    ],
    [
      'an authority that is not there',
      () => refusal(move({ source: { ...side('one'), authority: 'nowhere.pem' } })),
      'source.authority: received "nowhere.pem"; allowed: a file that can be read',
    ],
    [
      'a password that others may read',
      () => refusal(move({ source: { ...side('one'), owner: { user: 'app', password: 'secret' } } }), 0o644),
      'the file: received "mode 644"; allowed: mode 600, since it holds a password; set it in chmod 600 /move.json',
    ],
  ])('%s', (_, run, message) => {
    expect(run()).toContain(message);
  });

  test('and shows no password, also one of another kind', () => {
    const message = refusal(move({ source: { ...side('one'), owner: { user: 'app', password: 4711 } } }));
    expect(message).toContain('source.owner.password: allowed: a text');
    expect(message).not.toContain('4711');
  });

  test.each([
    ['beside a slip in the JSON', '{ "source": { "owner": { "user": "app", "password": hunter2 } } }'],
    ['in the place of a login', JSON.stringify(move({ source: { ...side('one'), owner: 'hunter2' } }))],
    ['in a list', JSON.stringify(move({ source: [{ owner: { user: 'app', password: 'hunter2' } }] }))],
  ])('nor one %s', (_, content) => {
    const message = refusalOf(put('slip.json', content));
    expect(message).toContain('allowed: ');
    expect(message).not.toContain('hun');
  });
});

function refusalOf(file: string): string {
  try {
    readMove(file, () => undefined);
    return 'read';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}
