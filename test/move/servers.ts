import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Login, Side } from '../../lib/move/side';
import { certify } from '../peers/certificate';
import { asPostgres, childrenOf, folder, give, kill, lives, run, until } from './machine';
import { addressesOf, addressOf, type Way } from './network';

const PORT = 5432;
const DATABASE = 'app';
/** Awkward in a connection string, in SQL and in a shell, as generated passwords are. */
const PASSWORD = "p/w:% @'x \\ $H";
const QUOTED = `E'${PASSWORD.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

export interface ServerOptions {
  /** Of its addresses; no two servers that run share one, those of files that run beside each other neither. */
  readonly number: number;
  readonly title: string;
  /** Differ from those of the phases, or add to them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Data to begin with, from `copyData` of a server that was stopped. */
  readonly data?: string;
  /** Size of the disk that write-ahead log has to itself; left out, it shares that of the data. */
  readonly walMegabytes?: number;
}

/** A PostgreSQL 17 server whose administrator is no superuser, as on RDS. */
export interface Server {
  readonly number: number;
  readonly title: string;
  readonly side: Side;
  /** How the application comes to it. */
  readonly users: Login;
  /** Runs statements as superuser, by the socket; rows of the last one. */
  readonly sql: (statements: string, database?: string) => Promise<Record<string, unknown>[]>;
  /** SIGKILL to the postmaster and all that it has started. */
  readonly killHard: () => Promise<void>;
  readonly running: () => boolean;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Copies the data of a server that was stopped. @returns The folder of the copy. */
  readonly copyData: () => string;
  /** Gives the disk of the write-ahead log another size. */
  readonly resizeWal: (megabytes: number) => void;
  readonly log: () => string;
  /** Ends it for good and takes its data away. */
  readonly remove: () => Promise<void>;
}

/**
 * What the phases set on both sides, and a machine of two cores. `fsync` is on: commits cost what they cost, and a server that
 * was killed recovers.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  ...{
    wal_level: 'logical',
    max_replication_slots: '40',
    max_wal_senders: '40',
    max_logical_replication_workers: '20',
  },
  ...{ max_worker_processes: '32', max_sync_workers_per_subscription: '2', max_connections: '200' },
  ...{ wal_sender_timeout: '30s', wal_receiver_timeout: '30s', shared_buffers: '256MB', max_wal_size: '1GB' },
  ...{ log_min_messages: 'warning', log_line_prefix: '%m [%p] %u ', log_lock_waits: 'on', timezone: 'UTC' },
};

/** Subscriptions try again sooner than every five seconds, which tests without a clock need not wait for. */
export const PROMPT = { wal_retrieve_retry_interval: '1s' };

/** The administrator has what RDS gives its master user; owner and application are those of lib (ADR 20). */
const ROLES = `
create role beamstalk login createrole createdb replication password ${QUOTED};
grant pg_create_subscription, pg_monitor to beamstalk with admin option;
create role app_owner nologin;
create role app login password ${QUOTED};
create role reporting nologin;
grant app_owner to app;
grant app_owner to beamstalk with admin option;
alter role app set role = app_owner;
create database ${DATABASE} owner beamstalk`;
const OWNER = `grant connect, create, temporary on database ${DATABASE} to app_owner; alter schema public owner to app_owner`;

export async function startServer(options: ServerOptions): Promise<Server> {
  const at = folderOf(options.number);
  const data = join(at, 'data');
  run('cp', ['-a', options.data ?? (await emptyData(options.number)), data]);
  if (options.walMegabytes !== undefined) {
    mkdirSync(join(at, 'wal'));
    run('mount', ['-t', 'tmpfs', '-o', `size=${options.walMegabytes}m`, 'tmpfs', join(at, 'wal')]);
    run('cp', ['-a', join(data, 'pg_wal'), join(at, 'wal', 'pg_wal')]);
    renameSync(join(data, 'pg_wal'), join(at, 'pg_wal.before'));
    symlinkSync(join(at, 'wal', 'pg_wal'), join(data, 'pg_wal'));
  }
  give(at);
  const server = serverOf(options, at);
  await server.start();
  return server;
}

const empty = new Map<number, Promise<string>>();

/**
 * Data of a server that has the roles and an empty database. Made twice: servers whose numbers differ by one, as those of a move
 * do, have another system identifier, which the names of slots hold.
 */
function emptyData(number: number): Promise<string> {
  const made = empty.get(number % 2) ?? makeEmptyData(number);
  empty.set(number % 2, made);
  return made;
}

async function makeEmptyData(number: number): Promise<string> {
  const at = folderOf(number);
  const data = join(at, 'data');
  give(at);
  run(...asPostgres('initdb', ['-D', data, '-U', 'rdsadmin', '--auth=trust', '--locale=C.UTF-8', '--no-sync']));
  writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhostssl all all 127.0.0.0/8 scram-sha-256\n');
  const server = serverOf({ number, title: 'the empty server', settings: { fsync: 'off' } }, at);
  await server.start();
  for (const statement of ROLES.split(';')) await server.sql(statement, 'postgres');
  await server.sql(OWNER);
  await server.stop();
  return data;
}

/** A folder with certificates for the addresses of a server. */
function folderOf(number: number): string {
  const at = folder(`server-${number}`);
  certify(at, ['DNS:localhost', ...addressesOf(number).map((address) => `IP:${address}`)]);
  return at;
}

function serverOf({ number, title, settings, walMegabytes }: ServerOptions, at: string): Server {
  const [data, log] = [join(at, 'data'), join(at, 'log')];
  let postmaster: ChildProcess | undefined;
  const running = (): boolean =>
    postmaster?.pid !== undefined && postmaster.exitCode === null && postmaster.signalCode === null;
  const sql: Server['sql'] = async (statements, database = DATABASE) => {
    const client = new Client({ host: at, port: PORT, user: 'rdsadmin', database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const answer = await client.query<Record<string, unknown>>(statements);
      return [answer].flat().at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  };
  const answers = async (): Promise<boolean> => {
    if (!running()) throw new Error(`${title} does not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
    return await sql('select 1', 'postgres').then(
      () => true,
      () => false,
    );
  };
  const start = async (): Promise<void> => {
    const options = Object.entries({
      ...SETTINGS,
      ...{
        listen_addresses: addressesOf(number).join(','),
        port: String(PORT),
        unix_socket_directories: at,
        ssl: 'on',
      },
      ...{ ssl_cert_file: join(at, 'server.pem'), ssl_key_file: join(at, 'server.key') },
      ...settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [program, args] = asPostgres('postgres', ['-D', data, ...options]);
    postmaster = spawn('bash', ['-c', 'exec "$@" >> "$0" 2>&1', log, program, ...args], { cwd: '/', stdio: 'ignore' });
    await until(title, answers);
  };
  const ended = async (): Promise<void> => {
    await until(`the end of ${title}`, () => !running());
  };
  const killHard = async (): Promise<void> => {
    const pid = postmaster?.pid;
    if (pid === undefined || !running()) return;
    // Stopped first, so that it starts no process between the list and the kill.
    process.kill(pid, 'SIGSTOP');
    const all = [pid, ...childrenOf(pid)];
    for (const one of all) kill(one);
    await ended();
    await until(`the end of the processes of ${title}`, () => !all.some(lives));
  };
  const stop = async (): Promise<void> => {
    if (!running()) return;
    postmaster?.kill('SIGINT');
    await ended();
  };
  const login = (way: Way, user: string): Login => ({
    ...{ host: addressOf(number, way), port: PORT, database: DATABASE, user, password: PASSWORD },
    authority: readFileSync(join(at, 'authority.pem'), 'utf8'),
  });
  return {
    ...{ number, title, sql, killHard, running, start, stop },
    side: {
      title,
      administrator: login('mover', 'beamstalk'),
      owner: login('mover', 'app'),
      reachedAt: { host: addressOf(number, 'peer'), port: PORT },
    },
    users: login('users', 'app'),
    copyData: () => {
      const copy = join(folder('data'), 'data');
      run('cp', ['-a', data, copy]);
      return copy;
    },
    resizeWal: (megabytes) => run('mount', ['-o', `remount,size=${megabytes}m`, join(at, 'wal')]),
    log: () => readFileSync(log, 'utf8'),
    remove: async () => {
      await killHard();
      if (walMegabytes !== undefined) run('umount', [join(at, 'wal')]);
      rmSync(at, { recursive: true, force: true });
    },
  };
}
