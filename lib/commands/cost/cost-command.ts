import { type Command, Option } from 'commander';
import { collect, isRecorded, type Settings, sideOf } from '../arguments';
import type { CostProps } from '../cost';
import { SIDES_HELP, type SideName } from '../diff/side';

/** Surroundings of the command. */
export interface CostSurroundings extends Pick<CostProps, 'directory' | 'cdkJson'> {
  /** Called before anything of AWS is loaded. */
  readonly prepare: () => void;
}

interface Options {
  readonly env?: string;
  readonly set: Settings;
  readonly setA: Settings;
  readonly json?: true;
  readonly markdown?: true;
}

/** Adds `beamstalk cost`: docs/cost.md. */
export function addCostCommand(program: Command, { prepare, ...place }: CostSurroundings): void {
  program
    .command('cost')
    .description('say what an architecture costs in a month, or what the step from A to B does to the bill')
    .argument('[A]', 'the architecture; left out, `configured`', sideOf)
    .argument('[B]', 'the one that it is compared with', sideOf)
    .option('--env <environment>', 'the environment; left out, the one that a folder is of, otherwise dev')
    .option(
      '--set <key=value>',
      'a setting of A alone, or of B when there are two, such as traffic.users=1e6; repeatable',
      collect,
      {},
    )
    .option('--set-a <key=value>', 'a setting of A when there are two; repeatable', collect, {})
    .addOption(new Option('--json', 'print the bill for machines').conflicts('markdown'))
    .addOption(new Option('--markdown', 'print a comment for a pull request'))
    .addHelpText(
      'after',
      `
${SIDES_HELP}

Examples:
  beamstalk cost 3 --env prod
  beamstalk cost 3 4 --env prod
  beamstalk cost 2 --env prod --set traffic.requestsPerMonth=1e9
  beamstalk cost ./cdk.out --set traffic.users=1000000

Prices are AWS's list prices of us-east-1, without free tiers and discounts; docs/cost.md says what is assumed beside them.

Exit codes: 0 done; 1 bad configuration, or no prices of the region; 2 misuse.`,
    )
    .action(async (a: SideName | undefined, b: SideName | undefined, options: Options, command: Command) => {
      const first: SideName = a ?? { kind: 'configured' };
      const { env, set, setA } = options;
      if (b === undefined && Object.keys(setA).length > 0) command.error('error: --set-a needs two architectures');
      const after = { name: b ?? first, settings: set, flag: '--set' };
      const before = b === undefined ? undefined : { name: first, settings: setA, flag: '--set-a' };
      for (const { name, settings, flag } of [after, ...(before === undefined ? [] : [before])]) {
        const others = Object.keys(settings).filter((key) => !key.startsWith('traffic.'));
        if (isRecorded(name) && others.length > 0) {
          command.error(`error: ${flag} sets the traffic of ${name.kind}, which is taken as it is: not ${others[0]}`);
        }
      }
      prepare();
      const format = options.json ? 'json' : options.markdown ? 'markdown' : 'text';
      const { cost } = await import('../cost');
      const today = new Date().toISOString().slice(0, 10);
      const environment = env === undefined ? {} : { environment: env };
      process.stdout.write(await cost({ ...environment, ...(before && { before }), after, format, today, ...place }));
    });
}
