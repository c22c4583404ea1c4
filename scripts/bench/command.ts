import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit code of a run that did what it should: 0 unless said. */
  readonly expected?: number;
}

/** A command that did not end as it should: what was run, how it ended, and the end of each of its outputs. */
export class CommandFailed extends Error {}

/** Lines of an output that a message repeats. */
const LINES = 30;

/**
 * Runs a command to its end.
 *
 * @returns what it printed to its standard output, and the time that it took in seconds.
 * @throws CommandFailed when it does not start, or ends with another exit code than expected.
 */
export function run(command: Command): { readonly stdout: string; readonly seconds: number } {
  const { program, args, cwd, env, expected = 0 } = command;
  const start = performance.now();
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
  });
  const seconds = (performance.now() - start) / 1000;
  if (status === expected) return { stdout, seconds };
  const end = status === null ? (error?.message ?? `ended by ${signal}`) : `exit code ${status}, not ${expected}`;
  throw new CommandFailed(
    [`${[program, ...args].join(' ')} failed: ${end}`, ...tail(stdout ?? ''), ...tail(stderr ?? '')].join('\n'),
  );
}

/** The last lines of an output, after the names of the failing tests that Vitest printed before them. */
function tail(output: string): string[] {
  const text = stripVTControlCharacters(output).trimEnd();
  const lines = text === '' ? [] : text.split('\n');
  const failing = new Set(lines.slice(0, -LINES).filter((line) => /^\s*FAIL\s/.test(line)));
  return [...failing, ...lines.slice(-LINES)];
}
