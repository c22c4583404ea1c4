import { Client } from 'pg';
import { MOVED } from '../../../lib/move/move';
import { sqlState } from '../../../lib/move/session';
import type { Login, Place } from '../../../lib/move/side';

/** Time after which a client gives an answer up and connects again, milliseconds. */
const PATIENCE = 5000;

/** What an error asks of whoever gets it. */
export type Failure = 'moved' | 'lost' | 'again' | 'other';

const AGAIN = ['40001', '40P01'];
/** Ended or not yet ready: the server shuts down, crashes, recovers, or has ended this session. */
const ENDED = ['57P01', '57P02', '57P03', '25P03', '53300'];

export function kindOf(error: unknown): Failure {
  const state = sqlState(error);
  if (state === MOVED) return 'moved';
  if (state !== undefined && AGAIN.includes(state)) return 'again';
  // Errors of the network have codes such as ECONNRESET, and a connection that broke none.
  if (state === undefined || !/^[0-9A-Z]{5}$/.test(state) || ENDED.includes(state) || state.startsWith('08'))
    return 'lost';
  return 'other';
}

export function nameOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `${sqlState(error) ?? 'no SQLSTATE'}: ${text}`;
}

/** One client of the application: a connection at most, opened when it is needed. */
export class Connection {
  private open: { readonly place: Place; readonly client: Client } | undefined;
  /** True after a connection broke: its session may still be at work. */
  private broke = false;

  constructor(
    private readonly name: string,
    private readonly logins: Readonly<Record<Place, Login>>,
    private readonly patience = PATIENCE,
  ) {}

  async at(place: Place): Promise<Client> {
    if (this.open?.place === place) return this.open.client;
    this.close();
    const { authority, ...login } = this.logins[place];
    const client = new Client({
      ...login,
      ssl: { ca: authority },
      application_name: this.name,
      connectionTimeoutMillis: PATIENCE,
      query_timeout: this.patience,
    });
    client.on('error', () => {
      if (this.open?.client === client) this.drop();
    });
    try {
      await client.connect();
      if (this.broke) await this.endPredecessor(client);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    this.open = { place, client };
    this.broke = false;
    return client;
  }

  /** Forgets a connection that broke, or that gave no answer in time. */
  drop(): void {
    this.broke = true;
    this.close();
  }

  close(): void {
    void this.open?.client.end().catch(() => undefined);
    this.open = undefined;
  }

  /**
   * Ends the session whose answer never came, and waits for its end: only then it is decided what became of its commit. The
   * application acts as the owner, who may not end sessions of whoever logged in.
   */
  private async endPredecessor(client: Client): Promise<void> {
    await client.query('set role none');
    await client.query(
      `select pg_terminate_backend(pid, ${PATIENCE}) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()`,
      [this.name],
    );
    const { rows } = await client.query<{ left: string }>(
      'select count(*) as left from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
      [this.name],
    );
    if (rows[0]?.left !== '0') throw new Error('the session before is still there');
    await client.query('set role app_owner');
  }
}
