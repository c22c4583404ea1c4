import { type ChildProcess, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { projectPath } from '../../facts/project-path';
import { OperatorError } from '../environment/operator-error';
import type { Load, Met, Objective } from './load';

/**
 * Brings a load to a target, and tells what came of it.
 *
 * @param during Called once all users are there; the load stays until it has ended.
 */
export type Bring = (load: Load, during?: () => Promise<void>) => Promise<Met>;

export interface Targets {
  readonly url?: string;
  readonly socket?: string;
}

/** Users that arrive each second: what comes at once is another question, that of `npm run bench:node`. */
const ARRIVING_PER_SECOND = 200;

/** Seconds that a request or an opening may take before it counts as failed. */
const PATIENCE_SECONDS = 10;

/** Longest time for which a load stays for what is done meanwhile, in seconds. */
const HELD_SECONDS = 60;

/** Line by which the load generator tells that all users are there. */
const ARRIVED = '{"arrived"';

/** Seconds beyond those of a step that Locust may take to start and to end. */
const MORE_SECONDS = 90;

const toldSchema = z.object({
  requests: z.number(),
  failures: z.number(),
  late: z.number(),
  halted: z.number(),
  perSecond: z.number(),
  p99Ms: z.number(),
  visited: z.number(),
  opened: z.number(),
  lost: z.number(),
  failure: z.string().nullable(),
  breathless: z.boolean(),
});

const run = promisify(execFile);

/**
 * Locust as the load generator, installed where it is not there yet.
 *
 * @throws OperatorError when it cannot be installed, or does not say what it met.
 */
export async function locust(
  { url, socket }: Targets,
  { objective, signal }: { readonly objective: Objective; readonly signal: AbortSignal },
): Promise<Bring> {
  const program = await installed(signal);
  return async (load, during) => {
    const { connections, attempts, seconds } = load;
    const users = connections + attempts;
    const arriving = Math.min(users, ARRIVING_PER_SECOND);
    // Every holder is waited for, and the step itself begins then.
    const bound = users / arriving + PATIENCE_SECONDS + seconds + MORE_SECONDS + (during ? HELD_SECONDS : 0);
    const args = [
      ...['--locustfile', projectPath('lib', 'commands', 'boundary', 'files', 'locustfile.py')],
      ...['--headless', '--only-summary', '--skip-log', '--loglevel', 'WARNING', '--stop-timeout', '0'],
      ...['--users', `${users}`, '--spawn-rate', `${arriving}`, '--lasts', `${seconds}`],
      ...['--visitors', `${attempts}`, '--holders', `${connections}`, '--patience', `${PATIENCE_SECONDS}`],
      ...['--objective', `${objective.p99Ms / 1000}`],
      ...(during ? ['--held'] : []),
      ...(url === undefined ? [] : ['--target', url]),
      ...(socket === undefined ? [] : ['--socket-target', socket]),
      ...(attempts > 0 ? ['Visitor'] : []),
      ...(connections > 0 ? ['Holder'] : []),
    ];
    const running = run(program, args, { signal, timeout: Math.ceil(bound * 1000), maxBuffer: 1 << 26 });
    const held = during && whileHeld(running.child, during);
    const { stdout, stderr } = await running.catch(ended);
    await held?.();
    const line = stdout.split('\n').findLast((one) => one.startsWith('{"requests"'));
    if (line === undefined) throw new OperatorError(`the load generator did not end well: ${lastOf(stderr)}`);
    const { requests, failures, late, failure, ...met } = toldSchema.parse(JSON.parse(line));
    const share = (of: number): number => (requests === 0 ? 0 : of / requests);
    return {
      ...{ load, ...met, failedShare: share(failures), lateShare: share(late) },
      ...(failure !== null && { failure }),
    };
  };
}

/** Calls it once all users are there, and has them go when it has ended. @returns Waits for its end, where it has begun. */
function whileHeld({ stdin, stdout }: ChildProcess, during: () => Promise<void>): () => Promise<void> {
  let told = '';
  let under: Promise<void> | undefined;
  // A program that has ended reads no more.
  stdin?.on('error', () => undefined);
  stdout?.on('data', (text: string) => {
    told += text;
    if (under !== undefined || !told.includes(ARRIVED)) return;
    under = during().finally(() => stdin?.write('go\n'));
    // Whoever waits hears of it; an interruption comes before.
    under.catch(() => undefined);
  });
  return async () => under;
}

async function installed(signal: AbortSignal): Promise<string> {
  const { stdout } = await run('bash', [projectPath('scripts', 'load-generator.sh')], { signal }).catch(ended);
  const program = stdout.trim();
  if (program === '') {
    throw new OperatorError(
      'Locust cannot be installed: `bash scripts/load-generator.sh` says why; it needs Python 3.10 with venv',
    );
  }
  return program;
}

/** Outputs of a program that failed; an interruption goes on as what it is. */
function ended(error: unknown): { readonly stdout: string; readonly stderr: string } {
  if (error instanceof Error && error.name === 'AbortError') throw error;
  const { stdout = '', stderr = '' } = Object(error) as { readonly stdout?: string; readonly stderr?: string };
  return { stdout, stderr };
}

function lastOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'it said nothing';
}
