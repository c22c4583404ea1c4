import { freePort } from '../rehearsal/free-port';
import type { Certified } from './authority';
import { folder, run, type Service, start, until } from './machine';

const PROGRAMS = '/usr/lib/postgresql/17/bin';

/** Awkward in a URL and in a shell, as generated passwords are. */
const PASSWORD = "p/w:% @'x";

/** PostgreSQL 17 that lets nobody in without TLS and SCRAM. */
export interface Database {
  readonly port: number;
  readonly url: (host?: string, password?: string) => string;
  /** Runs statements as superuser; what psql prints, a line for each row. */
  readonly sql: (statements: string, name?: string) => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export async function startDatabase({ certificate, key }: Certified): Promise<Database> {
  const { inside } = folder();
  const data = `${inside}/data`;
  const port = await freePort();
  const asPostgres = (command: string) =>
    run('postgres', { PATH: `${PROGRAMS}:/usr/bin:/bin` }, ['bash', '-euc', command]);
  await run('root', {}, ['chown', 'postgres:', inside]);
  const made = await asPostgres(`initdb -D ${data} --auth=trust --no-sync
    install -m 0600 ${certificate} ${data}/server.crt && install -m 0600 ${key} ${data}/server.key
    printf 'local all all trust\\nhostssl all all 127.0.0.1/32 scram-sha-256\\n' > ${data}/pg_hba.conf`);
  if (made.code !== 0) throw new Error(made.lines.join('\n'));
  let server: Service;
  const settings = [
    `port=${port}`,
    `unix_socket_directories=${inside}`,
    'listen_addresses=127.0.0.1',
    'ssl=on',
    'fsync=off',
  ];
  const sql: Database['sql'] = async (statements, name = 'postgres') => {
    const { code, lines } = await run('postgres', { PATH: `${PROGRAMS}:/usr/bin:/bin` }, [
      ...['psql', '-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-h', inside, '-p', String(port), '-d', name],
      ...['-c', statements],
    ]);
    if (code !== 0) throw new Error(lines.join('\n'));
    return lines;
  };
  const begin = async (): Promise<void> => {
    const options = settings.flatMap((setting) => ['-c', setting]);
    server = start('postgres', {}, [`${PROGRAMS}/postgres`, '-D', data, ...options]);
    await until('PostgreSQL', async () => (await sql('select 1')).length === 1);
  };
  await begin();
  await sql(`create role app login password '${PASSWORD.replaceAll("'", "''")}'`);
  await sql('create database app owner app');
  return {
    port,
    url: (host = 'localhost', password = PASSWORD) =>
      `postgres://app:${encodeURIComponent(password)}@${host}:${port}/app`,
    sql,
    start: begin,
    stop: async () => {
      // Fast shutdown: it ends connections, as a restart of RDS does.
      await server.stop('SIGINT');
    },
  };
}
