import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type FleetRole, NODE_ROLES } from './environment/fleet-nodes';
import { harmless } from './environment/harmless';
import { json } from './environment/json';
import type { RollHow } from './environment/node-scripts';
import { INTERRUPTED } from './environment/operator-error';
import { endProgress, interruptible, operate, pauseUntil, showProgress, write } from './environment/terminal';
import { endWithReaders } from './readers';

/** Surroundings of the commands for a deployed environment. */
export interface Surroundings {
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
  /** True for a local engine that has no name for each bucket. */
  readonly pathStyle: boolean;
  /** Called before anything of AWS is loaded. */
  readonly prepare: () => void;
}

interface Options {
  readonly env: string;
  readonly json?: true;
}

/** Longest time of one question of `status`, in milliseconds. */
const STATUS_LIMIT_MS = 10_000;

const EXIT_CODES = `
Exit codes: 0 done; 1 not done, and why; 2 misuse; ${INTERRUPTED} interrupted by Ctrl-C.`;

/** Adds the commands that work on an environment that is deployed: docs/operating.md. */
export function addOperatingCommands(program: Command, surroundings: Surroundings): void {
  addRelease(program, surroundings);
  addStatus(program, surroundings);
  addLogs(program, surroundings);
  addRemote(program, surroundings);
}

/** Options that a command for one environment has. */
function ofEnvironment(command: Command, forMachines: string): Command {
  return command.option('--env <environment>', 'the environment', 'dev').option('--json', forMachines);
}

function addRelease(program: Command, { directory, pathStyle, prepare }: Surroundings): void {
  const release = program
    .command('release')
    .description('releases of an environment: push, list, use, back (docs/operating.md)');
  const command = (words: string, description: string): Command =>
    ofEnvironment(release.command(words).description(description), 'print the result for machines').addHelpText(
      'after',
      EXIT_CODES,
    );

  command('push', 'check a release, and upload it to the bucket of the environment')
    .argument('<FILE>', 'the .tar.gz that `mix release` or relx wrote')
    .action((file: string, { env: environment, json: forMachines }: Options) =>
      operate(prepare, async () => {
        const { push } = await import('./release/push');
        const onProgress = progress(basename(file));
        const props = { file, environment, directory, pathStyle, signal: interruptible(), onProgress };
        const pushed = await push(props).finally(endProgress);
        const { name, version, uri, outcome } = pushed;
        const words = outcome === 'there' ? 'is there already' : 'is pushed';
        const next = `beamstalk release use ${version} --env ${environment}`;
        write(forMachines ? json(pushed, 2) : `${name} ${version} ${words}: ${uri}\nroll it out: ${next}\n`);
      }),
    );

  command('list', 'list what may be rolled out, and which release nodes boot').action(
    ({ env: environment, json: forMachines }: Options) =>
      operate(prepare, async () => {
        const { list, listInWords } = await import('./release/list');
        const releases = await list({ environment, directory, pathStyle });
        write(forMachines ? json(releases, 2) : harmless(listInWords(releases)));
      }),
  );

  interface UseOptions extends Options {
    readonly takeOver?: boolean;
    readonly migrate: boolean;
  }
  const roll = (
    { version, how }: { readonly version?: string; readonly how?: RollHow },
    { env: environment, takeOver = false, json: forMachines }: Partial<UseOptions> & Options,
  ) =>
    operate(prepare, async () => {
      const { use } = await import('./release/use');
      const signal = interruptible();
      const used = await use({
        environment,
        directory,
        pathStyle,
        ...(version !== undefined && { version }),
        ...(how && { how }),
        takeOver,
        // With a result for machines, people read along on the other channel.
        say: (words) => {
          endProgress();
          (forMachines ? process.stderr : process.stdout).write(`${harmless(words)}\n`);
        },
        onWait: showProgress,
        signal,
        pause: pauseUntil(signal),
      });
      endProgress();
      write(forMachines ? json(used, 2) : `${environment} runs ${used.release}: ${used.nodes.join(', ')}\n`);
    });
  const takeOver = new Option('--take-over', 'go on in the place of a rollout that nobody watches any more');
  const GOES_ON = `
One node after the other; a node that fails keeps what it ran, and those before it go back. Ctrl-C ends the watching, not
what is at work on a node: the parameter delivery/rollout stays, and --take-over goes on.
${EXIT_CODES}`;
  command('use', 'roll a release out to every node, one after the other')
    .argument('<VERSION>', 'as `release list` shows it')
    .addOption(takeOver)
    .option('--no-migrate', 'do not run bin/migrate of the release on the first node')
    .addHelpText('after', GOES_ON)
    .action((version: string, options: UseOptions) =>
      roll({ version, ...(options.migrate && { how: 'migrate' }) }, options),
    );
  command('back', 'roll back to the release that ran before; migrates nothing')
    .addOption(takeOver)
    .addHelpText('after', GOES_ON)
    .action((options: Options & { takeOver?: boolean }) => roll({}, options));
  command('restart', 'start the release anew on every node, one after the other')
    .addOption(takeOver)
    .addHelpText('after', GOES_ON)
    .action((options: Options & { takeOver?: boolean }) => roll({ how: 'again' }, options));
}

function addStatus(program: Command, { directory, prepare }: Surroundings): void {
  const command = program
    .command('status')
    .description('tell how an environment is: phase, addresses, nodes, queues, replicas, and what is being deployed');
  ofEnvironment(command, 'print the report for machines')
    .addHelpText(
      'after',
      `
Exit codes: 0 all is well; 1 something is not, or is not known; 2 misuse.`,
    )
    .action(({ env: environment, json: forMachines }: Options) =>
      operate(prepare, async () => {
        const [{ status }, { text }, { complaints }] = await Promise.all([
          import('./status'),
          import('./status/text'),
          import('./status/report'),
        ]);
        const report = await status({ environment, directory, limitMs: STATUS_LIMIT_MS, pause: pauseUntil });
        const bad = complaints(report);
        process.exitCode = bad.length === 0 ? 0 : 1;
        await write(forMachines ? json({ ...report, complaints: bad }, 2) : text(report));
        // A question that was given up may still be on its way.
        process.exit();
      }),
    );
}

function addLogs(program: Command, { directory, prepare }: Surroundings): void {
  program
    .command('logs')
    .description('print what the nodes of an environment log')
    .option('--env <environment>', 'the environment', 'dev')
    .option('--follow', 'go on with what comes, until Ctrl-C')
    .addOption(new Option('--role <role>', 'nodes of one role').choices([...NODE_ROLES]))
    .option('--since <time>', 'so far back: 90s, 15m, 1h, 2d', duration, duration('15m'))
    .option('--json', 'print a line of JSON for each event')
    .action(({ env: environment, json: forMachines, follow = false, role, since }: LogsOptions) =>
      operate(prepare, async () => {
        const { logs } = await import('./logs');
        if (follow) endWithReaders();
        const signal = follow ? interruptible() : new AbortController().signal;
        await logs({
          environment,
          directory,
          ...(role && { role }),
          since: Date.now() - since,
          follow,
          format: forMachines ? 'json' : 'text',
          print: write,
          pause: pauseUntil(signal),
          signal,
        });
      }),
    );
}

interface LogsOptions extends Options {
  readonly follow?: boolean;
  readonly role?: FleetRole;
  readonly since: number;
}

function addRemote(program: Command, { directory, prepare }: Surroundings): void {
  const pause = pauseUntil();
  program
    .command('shell')
    .description('open the console of the release on a node, through Systems Manager')
    .argument('[NODE]', 'id of an instance; left out, the first in service', instanceId)
    .option('--env <environment>', 'the environment', 'dev')
    .action((node: string | undefined, { env: environment }: Options) =>
      operate(prepare, async () => {
        const { shell } = await import('./remote/shell');
        const say = (words: string): void => void process.stderr.write(`${words}\n`);
        process.exitCode = await shell({ environment, directory, ...(node && { node }), pause, say });
      }),
    );
  program
    .command('run')
    .description("evaluate an expression in the release on a node, such as 'IO.inspect(Node.list())'")
    .argument('<EXPRESSION>', 'what `bin/<name> rpc` takes; it prints what the expression prints')
    .argument('[NODE]', 'id of an instance; left out, the first in service', instanceId)
    .option('--env <environment>', 'the environment', 'dev')
    .option('--json', 'print the result for machines')
    .addHelpText(
      'after',
      `
Exit codes: that of \`bin/<name> rpc\`; 1 when no node could be asked; 2 misuse.`,
    )
    .action((expression: string, node: string | undefined, { env: environment, json: forMachines }: Options) =>
      operate(prepare, async () => {
        const { run } = await import('./remote/run');
        const result = await run({ expression, environment, directory, ...(node && { node }), pause });
        if (!forMachines) process.stderr.write(result.errors);
        await write(forMachines ? json(result, 2) : result.output);
        process.exitCode = result.exitCode;
      }),
    );
}

/** Lines of progress for people at a terminal, of which each overwrites the one before. */
function progress(what: string): (bytes: number, all: number) => void {
  showProgress(`checks ${what}`);
  return (bytes, all) => {
    const megabytes = (number: number): string => (number / 1e6).toFixed(1);
    const share = all === 0 ? 100 : Math.floor((100 * bytes) / all);
    showProgress(`uploads ${what}: ${megabytes(bytes)} of ${megabytes(all)} MB (${share} %)`);
  };
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const milliseconds = UNITS[unit];
  if (number === undefined || milliseconds === undefined) {
    throw new InvalidArgumentError('Write a number and s, m, h or d, such as 90s, 15m, 1h or 2d.');
  }
  return Number(number) * milliseconds;
}

function instanceId(text: string): string {
  if (!/^i-[0-9a-f]{8,17}$/.test(text))
    throw new InvalidArgumentError('Write the id of an instance, such as i-0123456789abcdef0.');
  return text;
}
