import { setTimeout as pause } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import { sqlState } from '../../../lib/move/session';
import type { Login } from '../../../lib/move/side';
import { WRONG_EPOCH } from '../../../lib/sharding/fence';
import type { MapTable } from '../../../lib/sharding/map-table';
import { NotWritable, type Route, Router } from '../../../lib/sharding/router';
import { type Account, Ledger } from './ledger';

export interface WritersProps {
  readonly map: MapTable;
  readonly clusters: readonly Login[];
  readonly accounts: readonly string[];
  readonly writers: number;
}

/** Users who write through the router, as an application does. */
export interface Writers {
  readonly ledger: Ledger;
  /** Sights that they should not have had. */
  readonly errors: string[];
  /** Connections that they have lost, or not got: none unless a server was killed. */
  readonly lost: () => number;
  readonly stop: () => Promise<void>;
}

/** True for a connection that is lost, or not to be had: of the network, and as a server says it that ends or begins. */
function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    'errno' in error ||
    /^(Connection terminated|Client has encountered a connection error|There was an error establishing an SSL)/.test(
      error.message,
    ) ||
    /^(57P0|08)/.test(sqlState(error) ?? '')
  );
}

/** Time between two looks at the map, milliseconds, and between two tries while a logical shard is frozen. */
const [LOOK, AGAIN] = [1000, 20];

export async function startWriters({ map, clusters, accounts, writers }: WritersProps): Promise<Writers> {
  const ledger = new Ledger();
  const errors: string[] = [];
  let lost = 0;
  const noteLost = (error: unknown): void => {
    if (isLost(error)) lost += 1;
    else errors.push(String(error));
  };
  const pools = clusters.map(({ authority, ...login }) => {
    const pool = new Pool({ ...login, max: writers, ssl: { ca: authority, rejectUnauthorized: true } });
    pool.on('error', noteLost);
    return pool;
  });
  const router = new Router({ source: map });
  await router.refresh();
  let on = true;
  const looking = setInterval(() => void router.refresh().catch((error: unknown) => errors.push(String(error))), LOOK);

  const send = async (account: string, route: Route, turn: number): Promise<void> => {
    const client = await pools[route.cluster]?.connect();
    if (client === undefined) throw new Error(`there is no cluster ${route.cluster}`);
    // The pool listens to idle clients alone.
    client.on('error', noteLost);
    const known = ledger.of(account);
    let broken: Error | undefined;
    try {
      await client.query('begin');
      await client.query('select beamstalk_write($1, $2)', [route.shard, route.epoch]);
      await settleDoubt(client, known, account);
      known.doubt = await change(client, known, account, turn);
      await client.query('commit');
      known.doubt();
      delete known.doubt;
    } catch (error) {
      if (isLost(error)) broken = error as Error;
      else await client.query('rollback');
      throw error;
    } finally {
      client.off('error', noteLost);
      client.release(broken);
    }
  };
  const write = async (account: string, turn: number): Promise<void> => {
    const began = performance.now();
    for (;;) {
      try {
        const route = await router.write(
          account,
          async (to) => {
            await send(account, to, turn);
            return to;
          },
          (error) => sqlState(error) === WRONG_EPOCH,
        );
        return ledger.committed(route, performance.now() - began);
      } catch (error) {
        if (isLost(error)) noteLost(error);
        else if (!(error instanceof NotWritable) && sqlState(error) !== WRONG_EPOCH) throw error;
        await pause(AGAIN);
        await router.refresh();
      }
    }
  };
  const loops = Array.from({ length: writers }, async (_, number) => {
    const own = accounts.filter((_account, index) => index % writers === number);
    for (let turn = 1; on; turn++) {
      const account = own[Math.floor(Math.random() * own.length)] ?? '';
      await write(account, turn).catch((error: unknown) => errors.push(`${account}: ${String(error)}`));
      // About as many as two cores bear beside the servers.
      await pause(40 + Math.random() * 20);
    }
  });
  return {
    ...{ ledger, errors, lost: () => lost },
    stop: async () => {
      if (!on) return;
      on = false;
      await Promise.all(loops);
      // Whoever was in doubt at last writes once more, which settles it.
      for (const [account, { doubt }] of ledger.accounts) if (doubt !== undefined) await write(account, 1);
      clearInterval(looking);
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

/** Sees whether a commit was done that the connection was lost in. */
async function settleDoubt(client: PoolClient, known: Account, account: string): Promise<void> {
  if (known.doubt === undefined) return;
  const { rows } = await client.query<{ changes: number }>('select changes from accounts where account = $1', [
    account,
  ]);
  if (rows[0]?.changes === known.changes + 1) known.doubt();
  delete known.doubt;
}

/** One change of a user, which finds what the changes before it have left. @returns What to note once it is committed. */
async function change(client: PoolClient, known: Account, account: string, turn: number): Promise<() => void> {
  const { rowCount } = await client.query(
    'update accounts set changes = changes + 1 where account = $1 and changes = $2',
    [account, known.changes],
  );
  if (rowCount !== 1) throw new Error(`it has not ${known.changes} changes: one is lost, or another has written it`);
  const [oldest] = known.entries;
  const drop = turn % 3 === 0 && oldest !== undefined;
  if (drop) {
    const gone = await client.query('delete from entries where account = $1 and id = $2', [account, oldest]);
    if (gone.rowCount !== 1) throw new Error(`entry ${oldest} is not there`);
  }
  const { rows } = await client.query<{ id: string }>('insert into entries (account) values ($1) returning id', [
    account,
  ]);
  const at = known.changes + 1;
  await client.query('insert into events (account, at) values ($1, $2)', [account, at]);
  return () => {
    known.changes = at;
    known.events.add(at);
    if (drop) known.entries.delete(oldest);
    for (const { id } of rows) known.entries.add(id);
  };
}
