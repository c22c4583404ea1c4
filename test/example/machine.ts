import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Folder of the Debian root that scripts/test-example.sh has made, with the release in /release. */
export const ROOT = process.env['EXAMPLE_ROOT'] ?? '';

export interface Ended {
  readonly code: number | null;
  /** Lines of both outputs. */
  readonly lines: readonly string[];
}

/** A program under way in the root. All of them end with the namespaces of the gate, whatever happens. */
export interface Service {
  readonly output: () => string;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Sends a signal and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>;
}

export type Environment = Readonly<Record<string, string>>;

function within(user: string, environment: Environment, command: readonly string[]): string[] {
  const variables = Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...environment });
  return [
    ...[ROOT, 'setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', 'env', '-C', '/', '-i'],
    ...variables.map(([name, value]) => `${name}=${value}`),
    ...command,
  ];
}

/** Runs a program to its end, for at most a minute. */
export function run(user: string, environment: Environment, command: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile('chroot', within(user, environment, command), { timeout: 60_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, lines: `${stdout}${stderr}`.split('\n').filter((line) => line !== '') }),
    );
  });
}

export function start(user: string, environment: Environment, command: readonly string[]): Service {
  const child: ChildProcess = spawn('chroot', within(user, environment, command), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const take = (text: string): void => {
    output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, lines: output.split('\n').filter((line) => line !== '') }));
  });
  return {
    output: () => output,
    signal: (signal) => {
      child.kill(signal);
    },
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Waits until something holds, for at most so many seconds. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await Promise.resolve(holds()).catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await pause(50);
  }
}

let folders = 0;

/** A folder of the root: its path there, and here. */
export function folder(): { readonly inside: string; readonly outside: string } {
  const inside = `/run/gate-${++folders}`;
  const outside = join(ROOT, inside);
  mkdirSync(outside, { recursive: true, mode: 0o755 });
  return { inside, outside };
}
