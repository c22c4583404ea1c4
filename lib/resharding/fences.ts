import { type Client, escapeIdentifier } from 'pg';
import { MoveError } from '../move/move-error';
import { asOwner, sqlState } from '../move/session';
import type { Side } from '../move/side';
import type { ShardRecord } from '../sharding/shard-map';
import type { VersionOfShard } from './resharding';

// Calls of lib/sharding/fence.sql, as the owner of the tables, who owns the fence as well.

/** Fence of the application on a cluster, which may be in any schema that its owner's path had. */
const FENCE = `select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relname = 'beamstalk_fence' and c.relkind = 'r' and c.relowner = (select oid from pg_roles where rolname = current_user)
    and (select count(distinct p.proname) from pg_proc p where p.pronamespace = n.oid and p.proowner = c.relowner
      and p.proname in ('beamstalk_write', 'beamstalk_open', 'beamstalk_close', 'beamstalk_receive', 'beamstalk_copy')) = 5`;

/** Schema of the fence; undefined where none was made. */
export async function fenceSchema(owner: Client): Promise<string | undefined> {
  const { rows } = await owner.query<{ schema: string }>(FENCE);
  return rows[0]?.schema;
}

/** Runs the work in a session of the owner that finds the fence by its name. @throws MoveError where there is none. */
export function atFence<Result>(
  side: Side,
  work: (client: Client) => Promise<Result>,
  milliseconds?: number,
): Promise<Result> {
  const atIt = async (client: Client): Promise<Result> => {
    const schema = await fenceSchema(client);
    if (schema === undefined) throw new MoveError(`${side.title} has no fence: run what \`shards fence\` prints there`);
    await client.query(`set search_path = pg_catalog, ${escapeIdentifier(schema)}, pg_temp`);
    return await work(client);
  };
  return asOwner(side, atIt, milliseconds);
}

/** Lets logical shards be filled, or emptied, by whoever bears this version, and by nobody earlier. */
export async function receive(client: Client, { title }: Side, shards: readonly VersionOfShard[]): Promise<void> {
  for (const { shard, version } of shards) {
    if (await answer(client, 'select beamstalk_receive($1, $2) as answer', [shard, version])) continue;
    throw new MoveError(
      `${title} takes no rows of logical shard ${shard} for version ${version}: another move was faster; look at \`status\``,
    );
  }
}

/** Lets logical shards be written on their cluster, as the map says. Waits for nobody but who is in the middle of a write. */
export async function open(client: Client, { title }: Side, records: readonly ShardRecord[]): Promise<void> {
  for (const { shard, epoch, version } of records) {
    if (await answer(client, 'select beamstalk_open($1, $2, $3) as answer', [shard, epoch, version])) continue;
    throw new MoveError(
      `${title} is not opened for logical shard ${shard} in epoch ${epoch}: the map has moved on; look at \`status\``,
    );
  }
}

/**
 * Ends the writing of frozen logical shards: nobody writes them afterwards, whatever a router believes.
 *
 * @param milliseconds Longest wait for writes under way, of all of them together.
 * @returns False when they took longer.
 */
export async function close(
  client: Client,
  { title }: Side,
  frozen: readonly ShardRecord[],
  milliseconds: number,
): Promise<boolean> {
  const until = performance.now() + milliseconds;
  for (const { shard, epoch } of frozen) {
    try {
      await client.query(`set lock_timeout = ${Math.max(1, Math.round(until - performance.now()))}`);
      if (await answer(client, 'select beamstalk_close($1, $2) as answer', [shard, epoch])) continue;
    } catch (error) {
      if (isLockTimeout(error)) return false;
      throw error;
    }
    throw new MoveError(
      `${title} is not closed for logical shard ${shard} in epoch ${epoch}: the map has moved on; look at \`status\``,
    );
  }
  return true;
}

/** First statement of a transaction that copies or removes rows: it keeps the fence as it is until its end. */
export async function mayCopy(client: Client, shards: readonly VersionOfShard[]): Promise<void> {
  for (const { shard, version } of shards) await client.query('select beamstalk_copy($1, $2)', [shard, version]);
}

/** Longest time for which writers may be held up, milliseconds. */
export interface Hold {
  /** Until all of them wait. */
  readonly locking: number;
  /** From then on: the server ends the session of a mover that has vanished. */
  readonly held: number;
}

/**
 * Holds up all who write these logical shards, for a moment in which both sides can be looked at, in the transaction of the
 * session. Nobody sees an error.
 *
 * @returns False when writes under way took longer than the limit.
 */
export async function holdWriters(
  client: Client,
  shards: readonly number[],
  { locking, held }: Hold,
): Promise<boolean> {
  // 7305 is the number of the fence's locks.
  try {
    await client.query(`set local lock_timeout = ${locking}; set local statement_timeout = ${locking};
      set local idle_in_transaction_session_timeout = ${held}`);
    await client.query('select pg_advisory_xact_lock(7305, shard) from unnest($1::int[]) shard order by shard', [
      shards,
    ]);
    await client.query('set local statement_timeout = 0');
    return true;
  } catch (error) {
    if (isLockTimeout(error)) return false;
    throw error;
  }
}

/** Of a lock, of a deadlock, and of a statement. */
export function isLockTimeout(error: unknown): boolean {
  return ['55P03', '40P01', '57014'].includes(sqlState(error) ?? '');
}

async function answer(client: Client, query: string, values: readonly number[]): Promise<boolean> {
  const { rows } = await client.query<{ answer: boolean }>(query, [...values]);
  return rows[0]?.answer === true;
}
