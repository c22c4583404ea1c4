import type { Command } from 'commander';
import { collect, type Settings } from '../arguments';

/** Columns where nobody says how wide the terminal is. */
const COLUMNS = 100;

interface Options {
  readonly env: string;
  readonly set: Settings;
}

/** Adds `beamstalk charts`: docs/explorer.md. */
export function addChartsCommand(program: Command, place: { readonly directory: string }): void {
  program
    .command('charts')
    .description('draw the bill of every phase and what gives way first, in the terminal')
    .option('--env <environment>', 'the environment', 'dev')
    .option('--set <key=value>', 'a setting, such as traffic.connections=1e5; repeatable', collect, {})
    .addHelpText('after', '\nExit codes: 0 done; 1 bad configuration, or no prices of the region; 2 misuse.')
    .action(async ({ env: environment, set: settings }: Options) => {
      const { charts } = await import('../charts');
      const width = process.stdout.columns ?? COLUMNS;
      process.stdout.write(charts({ environment, settings, width, ...place }));
    });
}
