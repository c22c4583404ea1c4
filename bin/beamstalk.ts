import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseSide, SIDES_HELP, type SideName } from '../lib/commands/diff/side';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../lib/config/directory';
import { orExplain } from '../lib/config/or-explain';

// Each command imports what it needs when it runs: loading the constructs library takes longer than some commands.

const place = { directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON };

const program = new Command('beamstalk')
  .description('What stands beside `npx cdk deploy`: every phase of a system on AWS, built, checked and compared.')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();

program
  .command('phases')
  .description('build, synthesise and validate every phase, and say what each adds')
  .option('--env <environment>', 'the environment to build', 'dev')
  .action(async ({ env }: { env: string }) => {
    const { phases } = await import('../lib/commands/phases');
    process.stdout.write(phases({ context: { env }, ...place }));
  });

type Settings = Readonly<Record<string, string>>;

interface DiffOptions {
  readonly env: string;
  readonly set: Settings;
  readonly setA: Settings;
  readonly json?: true;
  readonly markdown?: true;
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
  .option('--env <environment>', 'the environment', 'dev')
  .option('--set <key=value>', 'a setting of B, as with --context; repeatable', collect, {})
  .option('--set-a <key=value>', 'a setting of A; repeatable', collect, {})
  .addOption(new Option('--json', 'print the verdict for machines (docs/verdict.schema.json)').conflicts('markdown'))
  .addOption(new Option('--markdown', 'print a comment for a pull request'))
  .addHelpText(
    'after',
    `
${SIDES_HELP}

Examples:
  beamstalk diff 2 3 --env prod
  beamstalk diff 1 2+1 --env prod
  beamstalk diff 3 --env prod --set app.instanceType=c7i.4xlarge
  beamstalk diff deployed configured --env prod --markdown

Exit codes: 0 safe, 3 needs a migration, 4 refused; 1 bad configuration, 2 misuse.`,
  )
  .action(async (a: SideName | undefined, b: SideName | undefined, options: DiffOptions, command: Command) => {
    const before: SideName = a ?? { kind: 'configured' };
    const isRead = ({ kind }: SideName): boolean => kind === 'directory' || kind === 'deployed';
    const after: SideName = b ?? (isRead(before) ? { kind: 'configured' } : before);
    const { env: environment, set: setAfter, setA: setBefore } = options;
    for (const [side, settings, flag] of [
      [before, setBefore, '--set-a'],
      [after, setAfter, '--set'],
    ] as const) {
      if (isRead(side) && Object.keys(settings).length > 0) {
        command.error(`error: ${flag} sets what is synthesised; ${side.kind} is taken as it is`);
      }
    }
    // The comparison asks what a step does, not whether a template is valid; validating takes two seconds.
    process.env['CDK_VALIDATION'] = 'false';
    const format = options.json ? 'json' : options.markdown ? 'markdown' : 'text';
    // Source: https://no-color.org
    const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
    const { diff } = await import('../lib/commands/diff');
    const result = await diff({ environment, before, after, setBefore, setAfter, format, colour, ...place });
    process.stdout.write(result.output);
    process.exitCode = result.exitCode;
  });

function sideOf(text: string): SideName {
  const side = parseSide(text);
  if (side === undefined) throw new InvalidArgumentError(`It is none of the forms.\n${SIDES_HELP}`);
  return side;
}

function collect(text: string, known: Settings): Settings {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Write it as key=value.');
  // The command line says these in its own way, and would otherwise lose to itself.
  if (['env', 'phase', 'from', 'force'].includes(key))
    throw new InvalidArgumentError(`Say ${key} with --env or as A and B.`);
  return { ...known, [key]: value };
}

program.parseAsync().catch((error: unknown) => {
  // Misuse of the command line has been explained by then; asking for help is none.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  orExplain(() => {
    throw error;
  });
});
