import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** A PostgreSQL server of this machine, empty, on a socket in a folder of its own. */
export interface Server {
  /** Runs statements in one session and gives the last line of the answer; fails with what psql said. */
  sql(statements: string): Promise<string>;
  stop(): Promise<void>;
}

/** Folder with the server's programs, or undefined when the machine has none. */
export function postgresPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql';
  const found = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)) : [];
  return [...found.map((version) => join(versions, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'psql')),
  );
}

/** @throws Error when it does not start within 30 s. */
export async function startPostgres(programs: string): Promise<Server> {
  // Not in the folder of this run, which the user postgres cannot enter; and a socket's path is short.
  const folder = mkdtempSync('/tmp/beamstalk-fence-');
  // PostgreSQL refuses to run as root.
  const asRoot = process.getuid?.() === 0;
  if (asRoot) {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    chownSync(folder, id('-u'), id('-g'));
  }
  const program = (name: string, args: readonly string[]): [string, string[]] =>
    asRoot ? ['runuser', ['-u', 'postgres', '--', join(programs, name), ...args]] : [join(programs, name), [...args]];
  const data = join(folder, 'data');
  const options = { cwd: '/', encoding: 'utf8', stdio: 'pipe' } as const;
  execFileSync(...program('initdb', ['-D', data, '-U', 'test', '--auth=trust', '--no-sync']), options);
  const server = spawn(
    ...program('postgres', ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off']),
    {
      cwd: '/',
      stdio: 'ignore',
    },
  );
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const sql = (statements: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const args = [
        '-h',
        folder,
        '-U',
        'test',
        '-d',
        'postgres',
        '-qAtX',
        '-v',
        'ON_ERROR_STOP=1',
        '-v',
        'VERBOSITY=verbose',
      ];
      const client = spawn(join(programs, 'psql'), args, { cwd: '/' });
      let [answer, said] = ['', ''];
      client.stdout.on('data', (text: Buffer) => {
        answer += text.toString();
      });
      client.stderr.on('data', (text: Buffer) => {
        said += text.toString();
      });
      client.once('error', reject);
      client.once('close', (status) =>
        status === 0 ? resolve(answer.trim().split('\n').at(-1) ?? '') : reject(new Error(said)),
      );
      // A client that finds no server ends before it reads; its status and what it said tell so.
      client.stdin.on('error', () => undefined);
      client.stdin.end(statements);
    });
  const stop = async (): Promise<void> => {
    // Through runuser a signal reaches the server as well; SIGINT ends it without waiting for sessions.
    execFileSync(...program('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']), options);
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries++) {
    try {
      await sql('SELECT 1;');
      return { sql, stop };
    } catch (error) {
      if (tries < 300 && server.exitCode === null) await wait(100);
      else throw error;
    }
  }
}
