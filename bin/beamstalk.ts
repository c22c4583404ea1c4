import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { collect, isRecorded, type Settings, sideOf } from '../lib/commands/arguments';
import { addBoundaryCommand } from '../lib/commands/boundary/boundary-command';
import { addCapacityCommand } from '../lib/commands/capacity/capacity-command';
import { addChartsCommand } from '../lib/commands/charts/charts-command';
import { addCostCommand } from '../lib/commands/cost/cost-command';
import type { FailOn } from '../lib/commands/diff';
import { parseSide, SIDES_HELP, type SideName } from '../lib/commands/diff/side';
import { addExploreCommand } from '../lib/commands/explore/explore-command';
import { addEnvironmentMoves } from '../lib/commands/move/environment-move-command';
import { addMoveCommands } from '../lib/commands/move/move-command';
import { addOperatingCommands } from '../lib/commands/operating-commands';
import { outliveReaders } from '../lib/commands/readers';
import type { Restored, ShardsRequest } from '../lib/commands/shards';
import { shardsOf, wholeNumber } from '../lib/commands/shards/arguments';
import { type FrozenShard, frozenShards } from '../lib/commands/shards/frozen-shards';
import { HalfwayError } from '../lib/commands/shards/one-by-one';
import type { RowsRequest } from '../lib/commands/shards/with-rows';
import { addSizeCommand } from '../lib/commands/size/size-command';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../lib/config/directory';
import { orExplain } from '../lib/config/or-explain';
import { MapError } from '../lib/sharding/map-items';
import { version } from '../package.json';

// Each command imports what it needs when it runs: loading the constructs library takes longer than some commands.

outliveReaders();

const place = { directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON };

const program = new Command('beamstalk')
  .description('What stands beside `npx cdk deploy`: every phase of a system on AWS, built, checked and compared.')
  .version(version, '--version', 'print the version')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();

program
  .command('phases')
  .description('build, synthesise and validate every phase, and say what each adds')
  .option('--env <environment>', 'the environment to build', 'dev')
  .option('--blueprint', 'build nothing, and say of each phase which nodes there are and what they are to each other')
  .action(async ({ env, blueprint: asked }: { env: string; blueprint?: true }) => {
    if (asked) {
      const { blueprint } = await import('../lib/commands/blueprint');
      process.stdout.write(blueprint({ context: { env }, directory: place.directory }));
      return;
    }
    const { phases } = await import('../lib/commands/phases');
    process.stdout.write(phases({ context: { env }, ...place }));
  });

program
  .command('preflight')
  .description('compare what a phase needs of the account with what the account may have, before anything is deployed')
  .argument(
    '[PHASE]',
    'such as 2, or 2+1 while the climb from 1 expands; left out, what config/<env>.json says',
    phaseOf,
  )
  .option('--env <environment>', 'the environment', 'dev')
  .option('--set <key=value>', 'a setting, as with --context; repeatable', collect, {})
  .option('--json', 'print the report for machines')
  .addHelpText(
    'after',
    `
Asks Service Quotas, and the services themselves what is in use and what is there; changes nothing. Without credentials the
needs are printed beside what AWS gives by default.

Exit codes: 0 all is there; 1 something is missing, too little or could not be asked, or bad configuration; 2 misuse.`,
  )
  .action(async (phase: PhaseSide | undefined, options: PreflightOptions) => {
    process.env['CDK_VALIDATION'] = 'false';
    quietSdk();
    const { preflight } = await import('../lib/commands/preflight');
    const { env: environment, set: settings, json } = options;
    const side = phase ?? ({ kind: 'configured' } as const);
    const format = json ? 'json' : 'text';
    const { output, complaint, exitCode } = await preflight({ environment, side, settings, format, ...place });
    process.stdout.write(output);
    if (complaint !== undefined) process.stderr.write(`beamstalk: ${complaint}\n`);
    process.exitCode = exitCode;
  });

type PhaseSide = Extract<SideName, { kind: 'phase' | 'configured' }>;

interface PreflightOptions {
  readonly env: string;
  readonly set: Settings;
  readonly json?: true;
}

function phaseOf(text: string): PhaseSide {
  const side = parseSide(text);
  if (side?.kind === 'phase' || side?.kind === 'configured') return side;
  throw new InvalidArgumentError('Write a phase such as 2, or 2+1 while a climb expands.');
}

interface DiffOptions {
  readonly env?: string;
  readonly set: Settings;
  readonly setA: Settings;
  readonly json?: true;
  readonly markdown?: true;
  readonly all?: true;
  readonly failOn?: readonly FailOn[];
}

program
  .command('diff')
  .description('compare two architectures, and say what the step from A to B means before it is taken')
  .argument('[A]', 'the architecture before; left out, `configured`', sideOf)
  .argument(
    '[B]',
    'the architecture after; left out, A with --set, or `configured` after a folder or `deployed`',
    sideOf,
  )
  .option('--env <environment>', 'the environment; left out, the one that a folder is of, otherwise dev')
  .option('--set <key=value>', 'a setting of B, as with --context; repeatable', collect, {})
  .option('--set-a <key=value>', 'a setting of A; repeatable', collect, {})
  .addOption(new Option('--json', 'print the verdict for machines (docs/verdict.schema.json)').conflicts('markdown'))
  .addOption(new Option('--markdown', 'print a comment for a pull request'))
  .option('--all', 'tell what does not change too: data stores, stacks left alone')
  .addOption(
    new Option('--fail-on <kind...>', 'exit with 5 when a safe step brings such a change').choices([
      'downtime',
      'replacement',
      'exposure',
    ]),
  )
  .addHelpText(
    'after',
    `
${SIDES_HELP}

Examples:
  beamstalk diff 2 3 --env prod
  beamstalk diff 1 2+1 --env prod
  beamstalk diff 3 --env prod --set app.instanceType=c7i.4xlarge
  beamstalk diff deployed configured --env prod --markdown

Exit codes: 0 safe, 3 needs a migration, 4 refused, 5 safe but what --fail-on names; 1 bad configuration, 2 misuse.`,
  )
  .action(async (a: SideName | undefined, b: SideName | undefined, options: DiffOptions, command: Command) => {
    const before: SideName = a ?? { kind: 'configured' };
    const after: SideName = b ?? (isRecorded(before) ? { kind: 'configured' } : before);
    const { env, set: setAfter, setA: setBefore } = options;
    for (const [side, settings, flag] of [
      [before, setBefore, '--set-a'],
      [after, setAfter, '--set'],
    ] as const) {
      if (isRecorded(side) && Object.keys(settings).length > 0) {
        command.error(`error: ${flag} sets what is synthesised; ${side.kind} is taken as it is`);
      }
    }
    withoutValidation();
    const format = options.json ? 'json' : options.markdown ? 'markdown' : 'text';
    // Source: https://no-color.org
    const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
    const { diff, UNWANTED } = await import('../lib/commands/diff');
    const { all = false, failOn = [] } = options;
    const sides = { ...(env !== undefined && { environment: env }), before, after, setBefore, setAfter };
    const today = new Date().toISOString().slice(0, 10);
    const result = await diff({ ...sides, format, colour, all, today, failOn, ...place });
    process.stdout.write(result.output);
    process.exitCode = result.exitCode;
    // A verdict of its own ends with another code, and says why.
    if (result.exitCode === UNWANTED) process.stderr.write(`exit code ${UNWANTED}: --fail-on ${failOn.join(' ')}\n`);
  });

addCostCommand(program, { ...place, prepare: withoutValidation });
addCapacityCommand(program, { directory: CONFIGURATION_DIRECTORY });
addSizeCommand(program, { directory: CONFIGURATION_DIRECTORY });
addChartsCommand(program, { directory: CONFIGURATION_DIRECTORY });
addExploreCommand(program, { ...place, prepare: withoutValidation });

/** A comparison asks what a step does, not whether a template is valid; validating takes two seconds. */
function withoutValidation(): void {
  process.env['CDK_VALIDATION'] = 'false';
  quietSdk();
}

/** The AWS SDK warns that its next versions want Node.js 22. This project is pinned to one, which does not. */
function quietSdk(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}

const shards = program
  .command('shards')
  .description('the shard map of engine clusters: make it, read it, and move logical shards (lib/sharding/README.md)');

function shardsCommand(name: string, description: string): Command {
  return shards.command(name).description(description).option('--env <environment>', 'the environment', 'dev');
}

async function runShards(request: ShardsRequest, { env }: { env: string }): Promise<void> {
  quietSdk();
  const { shards: run } = await import('../lib/commands/shards');
  try {
    process.stdout.write(await run(request, { environment: env, directory: CONFIGURATION_DIRECTORY }));
  } catch (error) {
    // What the map refuses, and what AWS does: a credential, a permission, a table.
    if (!(error instanceof MapError)) throw error;
    if (error instanceof HalfwayError) process.stdout.write(error.said);
    process.stderr.write(`beamstalk: ${error.message}\n`);
    process.exitCode = 1;
  }
}

async function runShardsWithRows(request: RowsRequest, { env }: { env: string }): Promise<void> {
  quietSdk();
  const { runRows } = await import('../lib/commands/shards/rows-run');
  const { shardsWithRows } = await import('../lib/commands/shards');
  await runRows((report) => shardsWithRows(request, { environment: env, directory: CONFIGURATION_DIRECTORY }, report));
}

interface InEnvironment {
  readonly env: string;
}

interface MoveOptions extends InEnvironment {
  readonly to: number;
  readonly rows?: string;
  readonly check?: true;
}

shardsCommand(
  'init',
  'make the first map: contiguous ranges of logical shards over the clusters. Never overwrites one',
).action((options: InEnvironment) => runShards({ action: 'init' }, options));
shardsCommand('status', 'print what each cluster owns and what is under way').action((options: InEnvironment) =>
  runShards({ action: 'status' }, options),
);
shardsCommand('register', 'make clusters known to the map that were deployed since; moves nothing')
  .argument('[cluster]', 'number of one cluster, known or not', wholeNumber)
  .option(
    '--restored <endpoint,reader,secret>',
    'where that cluster is now, after it was restored from a backup',
    restoredOf,
  )
  .action(
    (
      cluster: number | undefined,
      { restored, ...options }: InEnvironment & { restored?: Restored },
      command: Command,
    ) => {
      if (restored !== undefined && cluster === undefined) {
        command.error('error: --restored says where one cluster is; name it, such as `register 3 --restored ...`');
      }
      return runShards(
        { action: 'register', ...(cluster !== undefined && { cluster }), ...(restored && { restored }) },
        options,
      );
    },
  );
shardsCommand('move', 'move logical shards with their rows; without --rows begin to, and somebody copies the rows')
  .argument('<shards>', 'such as 17, 17-40 or 1,5,17-40', shardsOf)
  .requiredOption('--to <cluster>', 'number of the cluster that gets them', wholeNumber)
  .option('--rows <file>', 'move the rows too: the file that describes clusters and tables (docs/moving-shards.md)')
  .option('--check', 'with --rows: say what stands against it; changes nothing')
  .action((numbers: number[], { to, rows, check, ...options }: MoveOptions, command: Command) => {
    if (rows === undefined) {
      if (check) command.error('error: --check looks at the clusters of a file; name it with --rows');
      return runShards({ action: 'move', shards: numbers, target: to }, options);
    }
    return runShardsWithRows(
      { action: 'move', shards: numbers, target: to, file: rows, checks: check === true },
      options,
    );
  });
shardsCommand('split', 'begin to move the upper half of the logical shards of a cluster')
  .argument('<cluster>', 'number of the cluster that gives', wholeNumber)
  .requiredOption('--to <cluster>', 'number of the cluster that gets them', wholeNumber)
  .action((cluster: number, { to, ...options }: InEnvironment & { to: number }) =>
    runShards({ action: 'split', cluster, target: to }, options),
  );
shardsCommand('freeze', 'end the writes to logical shards that move')
  .argument('<shards>', 'such as 17, 17-40 or 1,5,17-40', shardsOf)
  .action((numbers: number[], options: InEnvironment) => runShards({ action: 'freeze', shards: numbers }, options));
shardsCommand('finish', 'give frozen logical shards to their target, once all rows are there and verified')
  .argument('<shards>', 'each with the version it was frozen in, as `freeze` prints them: 17@42,18@43', frozenShardsOf)
  .action((frozen: FrozenShard[], options: InEnvironment) => runShards({ action: 'finish', frozen }, options));
shardsCommand('abort', 'leave logical shards where they are')
  .argument('<shards>', 'such as 17, 17-40 or 1,5,17-40', shardsOf)
  .option('--rows <file>', 'take away the rows that were copied, too: the file that they were moved with')
  .action((numbers: number[], { rows, ...options }: InEnvironment & { rows?: string }) =>
    rows === undefined
      ? runShards({ action: 'abort', shards: numbers }, options)
      : runShardsWithRows({ action: 'abort', shards: numbers, file: rows }, options),
  );
shardsCommand('fence', 'print the SQL that makes the fence of a cluster agree with the map')
  .argument('<cluster>', 'number of the cluster', wholeNumber)
  .action((cluster: number, options: InEnvironment) => runShards({ action: 'fence', cluster }, options));

function frozenShardsOf(text: string): FrozenShard[] {
  const frozen = frozenShards(text);
  if (frozen === undefined) {
    throw new InvalidArgumentError(
      'Write each once, with the version it was frozen in, as `freeze` prints them: 17@42 or 17@42,18@43.',
    );
  }
  return frozen;
}

function restoredOf(text: string): Restored {
  const [endpoint, readerEndpoint, secret, ...more] = text.split(',');
  if (!endpoint || !readerEndpoint || !secret || more.length > 0) {
    throw new InvalidArgumentError('Write <endpoint>,<reader endpoint>,<ARN of the secret>.');
  }
  return { endpoint, readerEndpoint, secret };
}

// A local engine has one name for all buckets.
const pathStyle = Boolean(process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']);
const surroundings = { directory: CONFIGURATION_DIRECTORY, pathStyle, prepare: quietSdk };
addOperatingCommands(program, surroundings);
addBoundaryCommand(program, surroundings);

const move = program
  .command('move')
  .description('move data while users write: in an environment, or between two PostgreSQL servers (docs/moving.md)');
addEnvironmentMoves(move, surroundings);
addMoveCommands(move);

program.parseAsync().catch((error: unknown) => {
  // Misuse of the command line has been explained by then; asking for help is none.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  orExplain(() => {
    throw error;
  });
});
