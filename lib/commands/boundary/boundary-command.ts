import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { harmless } from '../environment/harmless';
import { json } from '../environment/json';
import { INTERRUPTED, OperatorError } from '../environment/operator-error';
import { endProgress, interruptible, operate, pauseUntil, showProgress, write } from '../environment/terminal';
import type { Surroundings } from '../operating-commands';
import type { Question } from '../status/question';
import type { LoadTestFile } from './load-test';
import { reserved } from './reserved-file';

interface Options {
  readonly env: string;
  readonly url?: string;
  readonly socket?: string;
  readonly p99: number;
  readonly failures: number;
  readonly seconds: number;
  readonly most: number;
  readonly write?: string;
  readonly json?: true;
}

/** Adds `beamstalk boundary`: docs/boundary.md. */
export function addBoundaryCommand(program: Command, { directory, prepare }: Surroundings): void {
  const command = program
    .command('boundary')
    .description('find how many connections and how many requests at once an environment carries, from outside')
    .option('--env <environment>', 'the environment', 'dev')
    .option('--url <address>', 'a page of it, https://... or http://...')
    .option('--socket <address>', 'a WebSocket of it, wss://... or ws://...')
    .option('--p99 <ms>', 'milliseconds within which 99 of 100 requests are answered', amount(1, 60_000), 500)
    .option('--failures <per cent>', 'requests that may fail', amount(0, 50), 1)
    .option('--seconds <seconds>', 'seconds of each step', amount(1, 600), 5)
    .option('--most <users>', 'the most users of a kind that are tried', whole(16, 15_000), 2_000)
    .option('--write <file>', 'write a load test of one node, which `size --steps` reads')
    .option('--json', 'print the report for machines')
    .addHelpText(
      'after',
      `
Brings load to what users use: only to addresses that \`beamstalk status\` shows. Begins with 16 users, doubles until the objective
fails, and halves the distance. What is found is what one client sees from where it runs.

Exit codes: 0 found; 1 not found, and why; 2 misuse; ${INTERRUPTED} interrupted by Ctrl-C.`,
    );
  command.action(({ env: environment, url, socket, json: forMachines, ...options }: Options) => {
    if (url === undefined && socket === undefined) command.error('error: --url or --socket is needed, or both');
    if (url === undefined && options.write !== undefined)
      command.error('error: --write is of requests: --url is needed');
    return operate(prepare, async () => {
      const signal = interruptible();
      if (options.write !== undefined) mayBeWritten(options.write);
      const [{ boundaries }, { boundaryInWords }, { locust }] = await Promise.all([
        import('../boundary'),
        import('./text'),
        import('./locust'),
      ]);
      const objective = { p99Ms: options.p99, failedShare: options.failures / 100 };
      const report = await boundaries({
        ...{ environment, directory, objective, seconds: options.seconds, limit: options.most },
        targets: { ...(url !== undefined && { url }), ...(socket !== undefined && { socket }) },
        generator: (targets) => locust(targets, { objective, signal }),
        say: showProgress,
        pause: pauseUntil(signal),
      })
        .catch((error: unknown) => {
          if (signal.aborted) throw new OperatorError('interrupted: no load any more', INTERRUPTED);
          throw error;
        })
        .finally(endProgress);
      // Measurements are kept whether or not anybody reads on, and told whether or not they can be kept.
      try {
        if (options.write !== undefined) keep(options.write, report.loadTest);
      } finally {
        await write(forMachines ? json(report, 2) : harmless(boundaryInWords(report)));
      }
    });
  });
}

/** Asked before the load. However the program ends, it leaves no empty file. */
function mayBeWritten(file: string): void {
  try {
    process.once('exit', reserved(file));
  } catch (error) {
    throw new OperatorError(`--write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function keep(file: string, loadTest: Question<LoadTestFile>): void {
  if ('unknown' in loadTest) throw new OperatorError(`--write ${file}: there is no load test: ${loadTest.unknown}`);
  try {
    writeFileSync(file, json(loadTest.answer, 2));
  } catch (error) {
    throw new OperatorError(`--write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Users, of whom the load generator takes no parts. */
function whole(least: number, most: number): (text: string) => number {
  const read = amount(least, most);
  return (text) => {
    if (Number.isInteger(Number(text))) return read(text);
    throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
  };
}

function amount(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Write a number from ${least} to ${most}.`);
  };
}
