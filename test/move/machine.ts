import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Programs } from '../../lib/move/move';

/** The Debian root, and the folder on disk that has the same path in the root and outside: scripts/test-moves.sh makes both. */
const [ROOT, WORK] = [process.env['MOVES_ROOT'] ?? '', process.env['MOVES_WORK'] ?? ''];
const PROGRAMS = '/usr/lib/postgresql/17/bin';

/** A folder below the one on disk. */
export function folder(name: string): string {
  const made = mkdtempSync(join(WORK, `${name}.`));
  chmodSync(made, 0o755);
  return made;
}

/** Command line of a program of PostgreSQL, as the user of the servers and with nothing of the environment of whoever calls. */
export function asPostgres(program: string, args: readonly string[]): [string, string[]] {
  const environment = ['env', '-i', 'PATH=/usr/bin:/bin', 'HOME=/var/lib/postgresql', 'LC_ALL=C.UTF-8'];
  return ['chroot', ['--userspec=postgres:postgres', ROOT, ...environment, `${PROGRAMS}/${program}`, ...args]];
}

export function run(...[program, args]: [string, readonly string[]]): void {
  execFileSync(program, args, { cwd: '/', stdio: 'pipe' });
}

/** Gives a file or folder to the user of the servers, whose number is that of the root. */
export function give(...paths: readonly string[]): void {
  run('chroot', [ROOT, 'chown', '-R', 'postgres:postgres', ...paths]);
}

/** pg_dump and pg_restore as files that can be run: those of the root. */
export function programs(): Programs {
  const at = folder('programs');
  const wrapper = (name: string): string => {
    const path = join(at, name);
    writeFileSync(path, `#!/bin/sh\nexec chroot '${ROOT}' '${PROGRAMS}/${name}' "$@"\n`, { mode: 0o755 });
    return path;
  };
  return { pgDump: wrapper('pg_dump'), pgRestore: wrapper('pg_restore') };
}

/** Numbers of the processes that a process has started and that live. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = statOf(pid);
      return stat?.parent === parent && stat.state !== 'Z';
    });
}

/** True while a process runs; one that was killed and not yet reaped does not. */
export function lives(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** Kills a process, if it has not ended by itself. */
export function kill(pid: number): void {
  if (!lives(pid)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    // The name of the program stands in parentheses, and may hold any character.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return state === undefined ? undefined : { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** Waits until something holds. @throws Error after so many seconds. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    if (await holds()) return;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await pause(50);
  }
}
