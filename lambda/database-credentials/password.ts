import { setTimeout as pause } from 'node:timers/promises';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { scramVerifier } from '../../lib/postgres/scram-verifier';

export async function setPassword(client: Client, user: string, password: string): Promise<void> {
  await client.query(`alter role ${escapeIdentifier(user)} password ${escapeLiteral(scramVerifier(password))}`);
}

/** Parameters of the search for nodes that still use a password. */
export interface Watching {
  /** For how long sessions are looked for, seconds. */
  readonly watchSeconds: number;
  /** Time after the server's start within which pools come back, seconds. */
  readonly settledSeconds: number;
}

/** Looks that are taken while sessions are watched for: a pool may give up its connections all at once. */
const LOOKS = 20;

/**
 * Says why the user's password must not change now, when somebody lives by it: pools keep sessions open, so who has one
 * would be locked out with the next. Just after the server's start nobody has come back yet, and no session says nothing.
 */
export async function stillUsed(
  client: Client,
  user: string,
  { watchSeconds, settledSeconds }: Watching,
): Promise<string | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const { rows } = await client.query<{ sessions: number; hosts: string | null; up: number }>(
      `select pg_catalog.count(*)::int as sessions, pg_catalog.string_agg(distinct coalesce(pg_catalog.host(client_addr), 'this host'), ', ') as hosts,
        extract(epoch from pg_catalog.now() - pg_catalog.pg_postmaster_start_time())::int as up
      from pg_catalog.pg_stat_activity where usename = $1`,
      [user],
    );
    const { sessions = 0, hosts = '', up = 0 } = rows[0] ?? {};
    if (sessions > 0) {
      return `${sessions} sessions of ${user}, from ${hosts}, are open: a release that runs there would be locked out; replace those nodes`;
    }
    if (up < settledSeconds) return `the server started ${up} s ago, so that pools may still come back`;
    await pause((watchSeconds * 1000) / LOOKS);
  }
  return undefined;
}

/** Pause between looks at the replicas, milliseconds. */
const PAUSE_MILLISECONDS = 500;

/**
 * Waits until every replica that streams has what is written now: a password that its nodes will use is among it.
 *
 * @throws Error when one is still behind at the signal.
 */
export async function replicasHaveIt(client: Client, deadline: AbortSignal): Promise<void> {
  const { rows } = await client.query<{ lsn: string }>('select pg_catalog.pg_current_wal_lsn()::text as lsn');
  const here = rows[0]?.lsn;
  for (;;) {
    // Logical ones (the warehouse, a migration) copy no roles.
    const behind = await client.query<{ count: number }>(
      `select pg_catalog.count(*)::int as count from pg_catalog.pg_stat_replication r
      left join pg_catalog.pg_replication_slots s on s.active_pid = r.pid
      where coalesce(s.slot_type, 'physical') = 'physical' and r.state = 'streaming' and r.replay_lsn < $1::pg_catalog.pg_lsn`,
      [here],
    );
    if (behind.rows[0]?.count === 0) return;
    if (deadline.aborted) throw new Error('a read replica does not have the new password yet: is it far behind?');
    await pause(PAUSE_MILLISECONDS);
  }
}
