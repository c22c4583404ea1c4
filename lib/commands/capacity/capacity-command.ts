import { type Command, InvalidArgumentError } from 'commander';
import { collect, type Settings, sideOf } from '../arguments';
import type { SideName } from '../diff/side';

type Asked = Exclude<SideName, { kind: 'deployed' }>;

interface Options {
  readonly env: string;
  readonly set: Settings;
  readonly steps?: string;
  readonly json?: true;
}

/** Adds `beamstalk capacity`: docs/capacity.md. */
export function addCapacityCommand(program: Command, place: { readonly directory: string }): void {
  program
    .command('capacity')
    .description('say what a phase carries of the expected traffic, and what gives way first')
    .argument('[A]', 'a phase such as 3, or a folder of templates of any origin; left out, `configured`', askedOf)
    .option('--env <environment>', 'the environment', 'dev')
    .option('--set <key=value>', 'a setting, such as traffic.connections=1e5; repeatable', collect, {})
    .option('--steps <file>', 'a load test of one node, in JSON: docs/capacity.md')
    .option('--json', 'print the report for machines')
    .addHelpText(
      'after',
      `
Of a folder it says what may outgrow what it depends on: fleets and functions against the connections of their databases,
queues against reserved concurrency, and all against the addresses of their subnets.

Exit codes: 0 done; 1 bad configuration; 2 misuse.`,
    )
    .action(async (side: Asked | undefined, options: Options, command: Command) => {
      const { env: environment, set: settings, steps, json } = options;
      const idle = [...Object.keys(settings).map((key) => `--set ${key}`), ...(steps === undefined ? [] : ['--steps'])];
      if (side?.kind === 'directory' && idle.length > 0) {
        command.error(`error: a folder is taken as its templates are: ${idle[0]} changes nothing of them`);
      }
      const { capacity } = await import('../capacity');
      const common = { environment, settings, format: json ? 'json' : 'text', ...place } as const;
      const output = capacity({
        ...common,
        side: side ?? { kind: 'configured' },
        ...(steps !== undefined && { steps }),
      });
      process.stdout.write(output);
    });
}

function askedOf(text: string): Asked {
  const side = sideOf(text);
  if (side.kind === 'deployed') throw new InvalidArgumentError('Write a phase such as 3, or a folder of templates.');
  return side;
}
