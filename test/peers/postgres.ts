import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../rehearsal/free-port';
import { postgresPrograms } from '../sharding/postgres-server';
import { certify } from './certificate';

/** Name, database and password of the administrator, who has what RDS gives its master user. */
export const MASTER = { username: 'beamstalk', password: 'master\'s "word" 100% \\ $HOME', dbname: 'app' };

/** A PostgreSQL server on the loopback interface that lets nobody in without TLS and a password, as RDS does. */
export interface PostgresPeer {
  readonly host: 'localhost';
  readonly port: number;
  /** File with the certificate of the authority that signed the server's. */
  readonly authority: string;
  /** All that it logged; every statement is in it. */
  readonly log: () => string;
  /** Runs statements as superuser, through the socket; rows of the last one. */
  readonly sql: (statements: string, database?: string) => Promise<Record<string, unknown>[]>;
  readonly restart: () => Promise<void>;
  /** Starts a server that follows this one. */
  readonly follow: () => Promise<PostgresPeer>;
  readonly stop: () => void;
}

// The rights of a master user: those of rds_superuser that roles and statistics are about, and rds_iam to hand on.
const AS_RDS = `
create role rds_iam;
create role ${MASTER.username} login createrole createdb password '${MASTER.password.replaceAll("'", "''")}';
grant pg_monitor to ${MASTER.username} with admin option;
grant rds_iam to ${MASTER.username} with admin option;`;

/** @throws Error when this machine has no PostgreSQL, or it does not start within 30 s. */
export async function startPostgresPeer(): Promise<PostgresPeer> {
  const server = await launch((data, run) =>
    run('initdb', ['-D', data, '-U', 'rdsadmin', '--auth=trust', '--no-sync']),
  );
  await server.sql(AS_RDS, 'postgres');
  await server.sql(`create database ${MASTER.dbname} owner ${MASTER.username}`, 'postgres');
  return server;
}

type Run = (program: string, args: readonly string[]) => void;

async function launch(make: (data: string, run: Run) => void): Promise<PostgresPeer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('this machine has no PostgreSQL');
  // Not in the folder of this run, which the user postgres cannot enter; and a socket's path is short.
  const folder = mkdtempSync('/tmp/beamstalk-postgres-');
  const data = join(folder, 'data');
  const asRoot = process.getuid?.() === 0;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  if (asRoot) chownSync(folder, id('-u'), id('-g'));
  const command = (program: string, args: readonly string[]): [string, string[]] => {
    const path = join(programs, program);
    return asRoot ? ['runuser', ['-u', 'postgres', '--', path, ...args]] : [path, [...args]];
  };
  const run: Run = (program, args) => {
    execFileSync(...command(program, args), { cwd: '/', stdio: 'pipe' });
  };
  make(data, run);
  writeFileSync(
    join(data, 'pg_hba.conf'),
    'local all all trust\nlocal replication all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256\n',
  );
  certify(folder, ['DNS:localhost']);
  if (asRoot) chownSync(join(folder, 'server.key'), id('-u'), id('-g'));
  const port = await freePort();
  const settings = {
    ...{ listen_addresses: 'localhost', port: String(port), unix_socket_directories: folder, fsync: 'off' },
    ...{ ssl: 'on', ssl_cert_file: join(folder, 'server.pem'), ssl_key_file: join(folder, 'server.key') },
    ...{ log_statement: 'all', log_min_duration_statement: '0', wal_level: 'logical', max_connections: '200' },
  };
  const log = join(folder, 'log');
  const start = (): void => {
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [program, args] = command('postgres', ['-D', data, ...options]);
    spawn('bash', ['-c', 'exec "$@" >> "$0" 2>&1', log, program, ...args], { cwd: '/', stdio: 'ignore' });
  };
  const sql: PostgresPeer['sql'] = async (statements, database = MASTER.dbname) => {
    const client = new Client({ host: folder, port, user: 'rdsadmin', database });
    await client.connect();
    try {
      const answer = await client.query(statements);
      const last = [answer].flat().at(-1);
      return (last?.rows ?? []) as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  const ready = async (): Promise<void> => {
    for (let tries = 0; ; tries++) {
      try {
        await sql('select 1', 'postgres');
        return;
      } catch (error) {
        if (tries >= 300) throw error;
        await pause(100);
      }
    }
  };
  start();
  await ready();
  return {
    host: 'localhost',
    port,
    authority: join(folder, 'authority.pem'),
    log: () => readFileSync(log, 'utf8'),
    sql,
    restart: async () => {
      run('pg_ctl', ['-D', data, '-w', '-m', 'fast', 'stop']);
      start();
      await ready();
    },
    follow: () =>
      launch((copy, copying) =>
        copying('pg_basebackup', [
          '-h',
          folder,
          '-p',
          String(port),
          '-U',
          'rdsadmin',
          '-D',
          copy,
          '-R',
          '-c',
          'fast',
          '-C',
          '-S',
          'replica',
        ]),
      ),
    stop: () => {
      run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
