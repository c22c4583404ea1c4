import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mapOfFile, readRowsFile } from '../../lib/commands/shards/rows-file';
import { runRows } from '../../lib/commands/shards/rows-run';
import { MoveError } from '../../lib/move/move-error';
import { DEFAULT_RESHARDING_LIMITS } from '../../lib/resharding/resharding';
import { described } from '../sharding/map-in-dynamodb';
import { runCommandLine } from './command-line';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'beamstalk-test-'));
  for (const name of ['authority.pem', 'administrator', 'owner']) put(name, `${name}\n`);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = 0;
  process.removeAllListeners('SIGINT');
});

function put(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const CLUSTER = {
  administrator: { user: 'beamstalk', passwordFile: 'administrator' },
  owner: { user: 'app', passwordFile: 'owner' },
};
const SOUND = {
  authority: 'authority.pem',
  tables: { 'public.accounts': 'account', 'public.countries': null },
  clusters: { 0: CLUSTER, 1: { ...CLUSTER, host: 'elsewhere', port: 5433 } },
};

function read(changes: object = {}, mode = 0o600) {
  return readRowsFile(put('rows.json', JSON.stringify({ ...SOUND, ...changes }), mode));
}

function refusal(changes: object, mode?: number): string {
  try {
    const { clustersOf } = read(changes, mode);
    clustersOf(known);
    return 'read';
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(folder, '') : 'no error';
  }
}

const known = new Map(described(2).map((record) => [record.cluster, { ...record, version: 1 }]));

test('clusters are where the map says, or where the file does', () => {
  const { tables, limits, accepted, clustersOf } = read();
  expect({ limits, accepted }).toEqual({ limits: DEFAULT_RESHARDING_LIMITS, accepted: [] });
  expect(tables).toEqual([
    { schema: 'public', name: 'accounts', key: 'account' },
    { schema: 'public', name: 'countries', key: undefined },
  ]);
  const clusters = clustersOf(known);
  expect(clusters.get(0)).toEqual({
    title: 'cluster 0',
    administrator: {
      ...{ host: 'cluster-0.example', port: 5432, database: 'shard', authority: 'authority.pem\n' },
      ...{ user: 'beamstalk', password: 'administrator' },
    },
    owner: {
      ...{ host: 'cluster-0.example', port: 5432, database: 'shard', authority: 'authority.pem\n' },
      ...{ user: 'app', password: 'owner' },
    },
  });
  expect(clusters.get(1)?.owner).toMatchObject({ host: 'elsewhere', port: 5433, database: 'shard' });
});

test.each([
  ['a table without a schema', { tables: { accounts: 'account' } }, 'tables.accounts', 'a table with its schema'],
  [
    'a key that is none',
    { tables: { 'public.accounts': 3 } },
    'tables.public.accounts: received 3',
    'a column, or null',
  ],
  ['a cluster that is no number', { clusters: { one: CLUSTER } }, 'clusters.one', 'the number of a cluster'],
  ['a cluster that the map does not know', { clusters: { 7: CLUSTER } }, 'clusters.7', 'a cluster of the map: 0, 1'],
  ['a key of the file that is none', { shards: 3 }, 'shards', 'docs/moving-shards.md lists them'],
  ['a limit beyond its range', { limits: { shardsAtOnce: 0 } }, 'limits.shardsAtOnce: received 0', '1 to 1024'],
  ['no authority', { authority: undefined }, 'authority', 'a text'],
  [
    'a password that others may read',
    { clusters: { 0: { ...CLUSTER, owner: { user: 'app', password: 'x' } } } },
    'mode',
    '600',
  ],
])('%s is refused', (_, changes, key, allowed) => {
  const said = refusal(changes, 0o644);
  expect(said).toContain(key);
  expect(said).toContain(allowed);
});

test('a cluster without an owner says so, and no password', () => {
  const said = refusal({ clusters: { 0: { administrator: { user: 'a', password: 'secret' } } } });
  expect(said).toContain('clusters.0.owner');
  expect(said).not.toContain('secret');
});

test('the map is needed where no environment says it', () => {
  const map = { table: 'the-map', region: 'eu-central-1' };
  expect(mapOfFile(put('rows.json', JSON.stringify({ ...SOUND, map })))).toEqual(map);
  expect(() => mapOfFile(put('rows.json', JSON.stringify(SOUND)))).toThrow('map: allowed: the DynamoDB table');
});

test('--check without a file is misuse', () => {
  const { status, stderr } = runCommandLine(['shards', 'move', '1', '--to', '2', '--check']);
  expect(status).toBe(2);
  expect(stderr).toContain('--check looks at the clusters of a file; name it with --rows');
});

test('errors that an operator can mend are a message, and others are not', async () => {
  await runRows(() => Promise.reject(new MoveError('wait')));
  expect(process.exitCode).toBe(1);
  await expect(runRows(() => Promise.reject(new TypeError('a mistake of ours')))).rejects.toThrow('a mistake of ours');
});
