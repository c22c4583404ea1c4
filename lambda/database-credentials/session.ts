import { Client } from 'pg';
import type { Login } from './credentials';

/** Of the handshake, milliseconds. */
const CONNECT_MILLISECONDS = 10_000;
const STATEMENT_MILLISECONDS = 30_000;

/**
 * Runs the work in one session, over TLS with a certificate for this host from an authority that the process trusts
 * (`NODE_EXTRA_CA_CERTS`).
 */
export async function inSession<Result>(login: Login, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({
    ...login,
    ssl: { rejectUnauthorized: true },
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    statement_timeout: STATEMENT_MILLISECONDS,
    application_name: 'database-credentials',
  });
  // A connection that breaks while nothing is asked of it must not end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SQLSTATEs with which PostgreSQL refuses a login: no such user, or another password. */
const REFUSED = ['28P01', '28000'];

/** True when the database lets the user in. @throws Error when it does not answer at all. */
export async function letsIn(login: Login): Promise<boolean> {
  try {
    await inSession(login, (client) => client.query('select 1'));
    return true;
  } catch (error) {
    if (REFUSED.includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

/** SQLSTATE of what PostgreSQL said. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
