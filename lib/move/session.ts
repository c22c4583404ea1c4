import { Client } from 'pg';
import { MoveError } from './move-error';
import type { Login, Side } from './side';

const CONNECT_MILLISECONDS = 10_000;

/**
 * Settings of every session. Names without a schema are PostgreSQL's own, whatever the application has made; rows are
 * written as text in one form on both sides, so that their checksums can be compared; and the limits that RDS sets for
 * sessions of the application (`idle_in_transaction_session_timeout`) are not ours. What decides a switch is on disk before
 * the other side opens, also where the application does not wait for it: a source that crashed would else come up open.
 * Source: https://www.postgresql.org/docs/17/runtime-config-client.html (2026-11-30)
 */
const SETTINGS = `set search_path = pg_catalog, pg_temp; set idle_in_transaction_session_timeout = 0; set statement_timeout = 0;
set lock_timeout = '5s'; set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set bytea_output = 'hex';
set extra_float_digits = 1; set xmloption = 'content'; set quote_all_identifiers = off; set synchronous_commit = on;
set idle_session_timeout = 0; set default_transaction_isolation = 'read committed'; set default_transaction_read_only = off;
${transactionTimeout(0, 'session')}`;

/** Statement that limits transactions to so many milliseconds, on servers that can: those of PostgreSQL 17 on. */
export function transactionTimeout(milliseconds: number, scope: 'session' | 'transaction'): string {
  const local = scope === 'transaction';
  return `select set_config(name, '${milliseconds}', ${local}) from pg_settings where name = 'transaction_timeout'`;
}

/** Opens a session, over TLS. @throws MoveError when the database is out of reach or refuses the login. */
export async function openSession(login: Login, title: string): Promise<Client> {
  const client = new Client({
    host: login.host,
    port: login.port,
    database: login.database,
    user: login.user,
    password: login.password,
    ssl: { ca: login.authority, rejectUnauthorized: true },
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    keepAlive: true,
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
    throw new MoveError(
      `${title} cannot be reached as ${login.user} (${login.host}:${login.port}, database ${login.database}): ${why}`,
    );
  }
}

/** Ends a session, also one that broke. */
export async function closeSession(client: Client): Promise<void> {
  await client.end().catch(() => undefined);
}

/** Runs the work in a session of its own. */
export async function inSession<Result>(
  login: Login,
  title: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await openSession(login, title);
  try {
    return await work(client);
  } finally {
    await closeSession(client);
  }
}

export function asOwner<Result>(side: Side, work: (client: Client) => Promise<Result>): Promise<Result> {
  return inSession(side.owner, side.title, work);
}

export function asAdministrator<Result>(side: Side, work: (client: Client) => Promise<Result>): Promise<Result> {
  return inSession(side.administrator, side.title, work);
}

/** SQLSTATE of what PostgreSQL said, if it was PostgreSQL. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
