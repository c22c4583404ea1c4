import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_RESHARDING_LIMITS, type ShardedTable } from '../../../lib/resharding/resharding';
import { fenceStatements } from '../../../lib/sharding/fence';
import { logicalShardOf } from '../../../lib/sharding/logical-shard';
import type { MapTable, Table } from '../../../lib/sharding/map-table';
import { described, mapIn } from '../../sharding/map-in-dynamodb';
import type { Kill } from '../mover/kill';
import { type Forked, startProgram } from '../program';
import { PROMPT, type Server, startServer } from '../servers';
import type { Ledger } from './ledger';
import type { ShardsOrder } from './mover';

export const LOGICAL_SHARDS = 16;
export const FENCE = readFileSync(join(import.meta.dirname, '..', '..', '..', 'lib', 'sharding', 'fence.sql'), 'utf8');

export const TABLES: readonly ShardedTable[] = [
  { schema: 'public', name: 'accounts', key: 'account' },
  { schema: 'public', name: 'entries', key: 'account' },
  { schema: 'public', name: 'events', key: 'account' },
  { schema: 'public', name: 'countries', key: undefined },
];

const SCHEMA = `create table accounts (account text primary key, changes int not null default 0, filler text);
  create table entries (account text references accounts, id bigserial, body text default repeat('x', 50),
    primary key (account, id));
  create table events (account text, at int, primary key (account, at)) partition by hash (account);
  create table events_0 partition of events for values with (modulus 2, remainder 0);
  create table events_1 partition of events for values with (modulus 2, remainder 1);
  create table countries (code text primary key); insert into countries values ('at'), ('de')`;

/** Statements of the application, who owns the tables. */
export function asApplication(statements: string): string {
  return `set session authorization app; set role app_owner; set search_path = public; ${statements}`;
}

/** Two clusters, the map, and a mover that can be killed. */
export interface ShardsScene {
  readonly servers: readonly [Server, Server];
  readonly map: MapTable;
  readonly accounts: readonly string[];
  readonly reports: string[];
  readonly act: (
    action: ShardsOrder['action'],
    shards: readonly number[],
    options?: Options,
  ) => Promise<{ queries: number }>;
  /** Rows that the clusters have and the ledger does not, or the other way round. */
  readonly audit: (ledger: Ledger) => Promise<string[]>;
  readonly end: () => Promise<void>;
}

interface Options {
  readonly to?: number;
  readonly kill?: Kill;
  /** Line of progress at whose beginning the mover is killed. */
  readonly killAt?: string;
  /** Called before each change of the map, which waits for it; what it throws, the mover sees as the end of the network. */
  readonly beforeChange?: (state: string, kill: () => void) => Promise<void> | void;
  readonly shardsAtOnce?: number;
  readonly accepted?: readonly string[];
}

/** @param table Of the map, empty. */
export async function startShardsScene(accountsOfEach: number, table: Table): Promise<ShardsScene> {
  const servers = await Promise.all([
    startServer({ number: 1, title: 'cluster 0', settings: { fsync: 'off', ...PROMPT } }),
    startServer({ number: 2, title: 'cluster 1', settings: { fsync: 'off', ...PROMPT } }),
  ]);
  const map = mapIn(table);
  await map.make(LOGICAL_SHARDS, described(2));
  const whole = await map.whole();
  // A backslash is what the bytes of a text are easily got wrong with.
  const accounts = Array.from({ length: accountsOfEach * 2 }, (_, number) =>
    number % 50 === 0 ? `\\x${number}\\ä` : `account-${number}`,
  );
  for (const [cluster, server] of servers.entries()) {
    await server.sql(asApplication(SCHEMA));
    await server.sql(asApplication(`${FENCE}; ${fenceStatements(whole, cluster).join(' ')}`));
    const own = accounts.filter(
      (account) => whole.shards[logicalShardOf(account, LOGICAL_SHARDS)]?.cluster === cluster,
    );
    await server.sql(
      asApplication(
        `insert into accounts (account, filler) select account, repeat('f', 200) from unnest(array[${own
          .map((account) => `'${account}'`)
          .join(',')}]) account; analyze`,
      ),
    );
  }
  const reports: string[] = [];
  const movers = new Set<Forked>();
  const act: ShardsScene['act'] = async (
    action,
    shards,
    { to = 1, kill, killAt, beforeChange, shardsAtOnce = 16, accepted = [] } = {},
  ) => {
    const handlers: Record<string, (argument: never) => unknown> = {
      get: (key: Parameters<Table['get']>[0]) => table.get(key),
      query: ([from, until]: [string, string]) => table.query(from, until),
      transact: async (writes: Parameters<Table['transact']>[0]) => {
        const [first] = writes;
        const state = first !== undefined && 'put' in first ? JSON.stringify(first.put['state']) : '';
        await beforeChange?.(state, () => mover.process.kill('SIGKILL'));
        return await table.transact(writes);
      },
      report: (line: string) => {
        reports.push(line);
        if (killAt !== undefined && line.startsWith(killAt)) mover.process.kill('SIGKILL');
      },
    };
    const mover = startProgram(join(import.meta.dirname, 'mover.ts'), handlers);
    movers.add(mover);
    const setup = {
      ...{ shards, target: to, tables: TABLES, accepted },
      limits: { ...DEFAULT_RESHARDING_LIMITS, shardsAtOnce },
      sides: servers.map(({ side }, number) => [number, side] as const),
    };
    const order: ShardsOrder = { action, setup, ...(kill && { kill }) };
    try {
      return await mover.ask<{ queries: number }>('act', order);
    } finally {
      mover.process.kill('SIGKILL');
      movers.delete(mover);
    }
  };
  return {
    ...{ servers, map, accounts, reports, act },
    audit: (ledger) => audit(servers, map, accounts, ledger),
    end: async () => {
      for (const mover of movers) mover.process.kill('SIGKILL');
      await Promise.all(servers.map((server) => server.remove()));
    },
  };
}

async function audit(
  servers: readonly Server[],
  map: MapTable,
  accounts: readonly string[],
  ledger: Ledger,
): Promise<string[]> {
  const { shards } = await map.whole();
  const wrong: string[] = [];
  const seen = new Map<string, number>();
  for (const [cluster, { sql }] of servers.entries()) {
    const rows = await sql(`select account, changes,
        coalesce((select string_agg(id::text, ',' order by id) from entries e where e.account = a.account), '') as entries,
        (select count(*)::int from events v where v.account = a.account) as events from accounts a`);
    const astray = await sql(
      'select account from entries union select account from events except select account from accounts',
    );
    wrong.push(...astray.map(({ account }) => `cluster ${cluster} has rows of ${String(account)} without it`));
    for (const row of rows) {
      const account = String(row['account']);
      const owner = shards[logicalShardOf(account, LOGICAL_SHARDS)]?.cluster;
      if (owner !== cluster) wrong.push(`${account} is on cluster ${cluster}, and belongs to ${owner}`);
      if (seen.has(account)) wrong.push(`${account} is there twice`);
      seen.set(account, cluster);
      const { changes, entries, events } = ledger.of(account);
      const noted = [...entries]
        .map(BigInt)
        .sort((a, b) => (a < b ? -1 : 1))
        .join(',');
      if (row['changes'] !== changes || row['entries'] !== noted || row['events'] !== events.size) {
        wrong.push(`${account} has ${JSON.stringify(row)}, and the ledger ${changes} changes, ${noted}`);
      }
    }
  }
  wrong.push(...accounts.filter((account) => !seen.has(account)).map((account) => `${account} is nowhere`));
  return wrong;
}
