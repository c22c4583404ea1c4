import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { OutOfReach } from './move-error';
import type { Login, Side } from './side';

const CONNECT_MILLISECONDS = 10_000;
const CLOSE_MILLISECONDS = 5000;
/**
 * Time after which a server that is silent is asked whether it is there, milliseconds; the kernel's is two hours. One that answers none of ten
 * questions, one a second, is not: a connection that was cut, with 2 s in the place of this, ended after 12.2 s (Node.js 20.20.2, 2026-12-01).
 * Source: https://nodejs.org/api/net.html#socketsetkeepaliveenable-initialdelay (2026-12-01)
 */
const KEEP_ALIVE_MILLISECONDS = 10_000;
/** Longest time of a statement that takes no time by itself, milliseconds: its answer may be lost with the network, which the kernel waits for a quarter of an hour. */
export const ANSWER_MILLISECONDS = 60_000;

/**
 * Settings of every session. Names without a schema are PostgreSQL's own, whatever the application has made; rows are
 * written as text in one form on both sides, so that their checksums can be compared; and the limits that RDS sets for
 * sessions of the application (`idle_in_transaction_session_timeout`) are not ours. What decides a switch is on disk before
 * the other side opens, also where the application does not wait for it: a source that crashed would else come up open.
 * A mover that vanished with its network is noticed by the server in half a minute, and what it holds goes.
 * Source: https://www.postgresql.org/docs/17/runtime-config-client.html (2026-11-30)
 */
const SETTINGS = `set search_path = pg_catalog, pg_temp; set idle_in_transaction_session_timeout = 0; set statement_timeout = 0;
set lock_timeout = '5s'; set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set bytea_output = 'hex';
set extra_float_digits = 1; set xmloption = 'content'; set quote_all_identifiers = off; set synchronous_commit = on;
set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4; set idle_session_timeout = 0; set default_transaction_isolation = 'read committed'; set default_transaction_read_only = off;
${transactionTimeout(0, 'session')}`;

/** Statement that limits transactions to so many milliseconds, on servers that can: those of PostgreSQL 17 on. */
export function transactionTimeout(milliseconds: number, scope: 'session' | 'transaction'): string {
  const local = scope === 'transaction';
  return `select set_config(name, '${milliseconds}', ${local}) from pg_settings where name = 'transaction_timeout'`;
}

/**
 * Opens a session, over TLS.
 *
 * @param milliseconds Longest time of a query, where users wait for it: one that is lost with the network never ends by itself.
 * @throws OutOfReach when the database is out of reach or refuses the login.
 */
export async function openSession(login: Login, title: string, milliseconds?: number): Promise<Client> {
  const client = new Client({
    host: login.host,
    port: login.port,
    database: login.database,
    user: login.user,
    password: login.password,
    ssl: { ca: login.authority, rejectUnauthorized: true },
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    ...(milliseconds !== undefined && { query_timeout: milliseconds }),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MILLISECONDS,
    application_name: 'beamstalk-move',
  });
  // A connection that breaks while nothing is asked of it must not end the process: the next query says so.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(SETTINGS);
    return client;
  } catch (error) {
    await closeSession(client);
    const why = error instanceof Error ? error.message : String(error);
    throw new OutOfReach(
      `${title} cannot be reached as ${login.user} (${login.host}:${login.port}, database ${login.database}): ${why}`,
    );
  }
}

/** Ends a session, also one that broke. One that is lost with the network is not waited for, nor does it keep the process. */
export async function closeSession(client: Client): Promise<void> {
  const ended = client.end().then(
    () => true,
    () => true,
  );
  if (await Promise.race([ended, pause(CLOSE_MILLISECONDS, false, { ref: false })])) return;
  // Not among the types of pg: https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/connection.js (2026-12-01)
  const { connection } = client as Client & { readonly connection?: { readonly stream?: { destroy(): void } } };
  connection?.stream?.destroy();
}

/** Runs the work in a session of its own. */
export async function inSession<Result>(
  login: Login,
  title: string,
  work: (client: Client) => Promise<Result>,
  milliseconds?: number,
): Promise<Result> {
  const client = await openSession(login, title, milliseconds);
  try {
    return await work(client);
  } finally {
    await closeSession(client);
  }
}

export function asOwner<Result>(
  side: Side,
  work: (client: Client) => Promise<Result>,
  milliseconds?: number,
): Promise<Result> {
  return inSession(side.owner, side.title, work, milliseconds);
}

export function asAdministrator<Result>(side: Side, work: (client: Client) => Promise<Result>): Promise<Result> {
  return inSession(side.administrator, side.title, work);
}

/** True for a query that took longer than its session allows. */
export function isLate(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** SQLSTATE of what PostgreSQL said, if it was PostgreSQL. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
