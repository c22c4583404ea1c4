import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RowsRequest, withRows } from '../../lib/commands/shards/with-rows';
import { keyChecks } from '../../lib/resharding/checks/keys';
import { referenceChecks } from '../../lib/resharding/checks/references';
import { schemaChecks } from '../../lib/resharding/checks/schemas';
import { check } from '../../lib/resharding/move-shards';
import { DEFAULT_RESHARDING_LIMITS, type Resharding, type ShardedTable } from '../../lib/resharding/resharding';
import { described, mapIn } from '../sharding/map-in-dynamodb';
import { MemoryTable } from '../sharding/map-in-memory';
import { makeDatabases } from './databases';
import { folder } from './machine';
import { type Server, startServer } from './servers';
import { FENCE } from './shards/scene';

let one: Server;
let other: Server;
beforeAll(async () => {
  [one, other] = await Promise.all([
    startServer({ number: 3, title: 'cluster 0', settings: { fsync: 'off' } }),
    startServer({ number: 4, title: 'cluster 1', settings: { fsync: 'off' } }),
  ]);
});
afterAll(() => Promise.all([one.remove(), other.remove()]));

const SOUND = 'create table rows (account text, id int, primary key (account, id))';
const ROWS: ShardedTable = { schema: 'public', name: 'rows', key: 'account' };

interface Case {
  readonly id: string;
  /** Schema of the clusters; the second one's, where it is another. */
  readonly schema: string;
  readonly target?: string;
  readonly tables?: readonly ShardedTable[];
  readonly clause?: string;
  readonly says: string;
}

const named = (name: string, key?: string): ShardedTable => ({ schema: 'public', name, key });

const CASES: readonly Case[] = [
  { id: 'not-named', schema: `${SOUND}; create table forgotten (id int)`, says: 'public.forgotten' },
  { id: 'no-such-table', schema: SOUND, target: 'select 1', says: 'cluster 1 has no table of the name public.rows' },
  { id: 'no-such-key', schema: SOUND, tables: [named('rows', 'acount')], says: 'public.rows (acount)' },
  {
    id: 'key-type',
    schema: 'create table rows (account char(8), id int, primary key (account, id))',
    says: 'public.rows (account character)',
  },
  {
    id: 'partitions',
    schema: `create table whole (account text primary key) partition by hash (account);
      create table rows partition of whole for values with (modulus 1, remainder 0)`,
    tables: [ROWS, named('whole', 'account')],
    says: 'public.rows',
  },
  {
    id: 'key-outside-identity',
    schema: 'create table rows (account text, id int primary key)',
    says: 'public.rows (account)',
  },
  { id: 'key-outside-identity', schema: 'create table rows (account text)', says: 'public.rows (account)' },
  {
    id: 'unique-without-key',
    schema: `${SOUND}; create unique index names on rows (id)`,
    says: 'public.rows (public.names)',
  },
  { id: 'schemas-differ', schema: SOUND, target: `${SOUND}; alter table rows add more int`, says: 'public.rows' },
  {
    id: 'references-across-keys',
    schema: `${SOUND}; create table parts (account text, id int, row_account text, row int, primary key (account, id),
      foreign key (row_account, row) references rows)`,
    tables: [ROWS, named('parts', 'account')],
    says: 'public.parts (parts_row_account_row_fkey) to public.rows',
  },
  {
    id: 'references-across-keys',
    schema: `${SOUND}; create table common (id int primary key, account text, row int, foreign key (account, row) references rows)`,
    tables: [ROWS, named('common')],
    says: 'public.common (common_account_row_fkey) to public.rows',
  },
  {
    id: 'references-in-a-circle',
    schema: `${SOUND}; alter table rows add before int, add foreign key (account, before) references rows`,
    says: 'public.rows',
  },
  {
    id: 'triggers-on-delete',
    schema: `${SOUND}; create function gone() returns trigger language plpgsql as 'begin return old; end';
      create trigger gone before delete on rows for each row execute function gone()`,
    says: 'public.rows (gone)',
  },
  {
    id: 'always-triggers',
    schema: SOUND,
    target: `${SOUND}; create function came() returns trigger language plpgsql as 'begin return new; end';
      create trigger came before insert on rows for each row execute function came(); alter table rows enable always trigger came`,
    says: 'public.rows (came)',
  },
  { id: 'row-security', schema: `${SOUND}; alter table rows enable row level security`, says: 'public.rows' },
  {
    id: 'not-utf8',
    schema: SOUND,
    clause: `encoding 'SQL_ASCII' locale 'C' template template0`,
    says: 'cluster 1: SQL_ASCII',
  },
];

async function clusters(
  { schema, target = schema, tables = [ROWS], clause = '' }: Omit<Case, 'id' | 'says'>,
  fence = FENCE,
): Promise<Resharding> {
  const made = await makeDatabases(one, other, clause);
  await made.make(`set search_path = public; ${schema}; ${FENCE}`);
  await made.onTarget(`set role app_owner; set search_path = public; ${target}; ${fence}`);
  const map = mapIn(new MemoryTable());
  await map.make(4, described(2));
  return {
    ...{ map, shards: [0, 1], target: 1, tables, accepted: [], limits: DEFAULT_RESHARDING_LIMITS },
    clusters: new Map([
      [0, made.source],
      [1, made.target],
    ]),
    report: () => undefined,
  };
}

async function against(resharding: Resharding): Promise<(readonly [string, string])[]> {
  const findings = await check(resharding);
  return findings.filter(({ level }) => level !== 'note').map(({ id, what }) => [id, what] as const);
}

test('nothing stands against sound clusters', async () => {
  expect(await against(await clusters({ schema: SOUND }))).toEqual([]);
});

test('every check of its own is provoked by a cluster', () => {
  const checks = [...schemaChecks([]), ...keyChecks([]), ...referenceChecks([])].map(({ id }) => id);
  expect(CASES.map(({ id }) => id)).toEqual(expect.arrayContaining(checks));
});

describe('what stands against a move of rows is one finding', () => {
  test.each(CASES)('$id: $says', async ({ id, says, ...made }) => {
    expect(await against(await clusters(made))).toEqual([[id, expect.stringContaining(says)]]);
  });

  test('no-fence', async () => {
    expect(await against(await clusters({ schema: SOUND }, 'select 1'))).toEqual([
      ['no-fence', "cluster 1 has no fence of its owner's"],
    ]);
  });

  test('a cluster that nobody said a login for', async () => {
    const { clusters: sides, ...sound } = await clusters({ schema: SOUND });
    await expect(check({ ...sound, clusters: new Map([...sides].slice(1)) })).rejects.toThrow(
      'the file says no login for cluster 0: add clusters.0',
    );
  });
});

test('a file says how to come to clusters, by which a move is checked, done, and has nothing left to take back', async () => {
  const { map, clusters: sides } = await clusters({ schema: SOUND });
  const at = folder('rows');
  const put = (name: string, content: string): string => {
    writeFileSync(join(at, name), content, { mode: 0o600 });
    return name;
  };
  const described = [...sides].map(([number, { administrator, owner, reachedAt }]) => {
    const { host, port, database, authority } = owner;
    const login = (who: string, { user, password }: typeof owner) => ({
      user,
      passwordFile: put(`${number}-${who}`, password),
    });
    return [
      number,
      {
        ...{ host, port, database, reachedAt, authority: put(`${number}.pem`, authority) },
        ...{ administrator: login('administrator', administrator), owner: login('owner', owner) },
      },
    ];
  });
  const tables = { 'public.rows': 'account' };
  put('rows.json', JSON.stringify({ authority: '0.pem', tables, clusters: Object.fromEntries(described) }));
  const reports: string[] = [];
  const run = (request: Partial<RowsRequest>) =>
    withRows(
      { action: 'move', shards: [0], target: 1, checks: false, file: join(at, 'rows.json'), ...request } as RowsRequest,
      map,
      (line) => reports.push(line),
    );
  expect(await run({ checks: true })).toEqual({
    done: true,
    output: expect.stringContaining('nothing stands against'),
  });
  expect(reports).toEqual([]);
  const moved = await run({});
  expect(moved).toEqual({ done: true, output: expect.stringMatching(/^ +0 +1 .*\n +1 +3 /m) });
  expect(reports.at(-1)).toBe('1 logical shards are on cluster 1, with their rows');
  await run({ action: 'abort' });
  expect(reports.at(-1)).toContain('no rows of these logical shards are being moved');
});
