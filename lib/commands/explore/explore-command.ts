import type { Command } from 'commander';
import { collect, type Settings } from '../arguments';
import type { ExploreProps } from '../explore';
import { fileName, writeFor } from '../written-file';

/** Surroundings of the command. */
export interface ExploreSurroundings extends Pick<ExploreProps, 'directory' | 'cdkJson'> {
  /** Called before anything of AWS is loaded. */
  readonly prepare: () => void;
}

interface Options {
  readonly env: string;
  readonly set: Settings;
  readonly output?: string;
}

/** Adds `beamstalk explore`: docs/explorer.md. */
export function addExploreCommand(program: Command, { prepare, ...place }: ExploreSurroundings): void {
  program
    .command('explore')
    .description('write a page that shows what every phase costs and carries, with sliders for phase and traffic')
    .option('--env <environment>', 'the environment', 'dev')
    .option('--set <key=value>', 'a setting of every phase, as with --context; repeatable', collect, {})
    .option('--output <file>', 'the file; left out, explore-<environment>.html', fileName)
    .addHelpText(
      'after',
      `
One file, which a browser opens without a server or a network. It holds what it reckons with: no domain,
address, mail, account or ARN.

Examples:
  beamstalk explore --env prod
  beamstalk explore --env prod --set traffic.users=10000000 --output /tmp/prod.html

Exit codes: 0 done; 1 bad configuration, no prices of the region, or the file cannot be written; 2 misuse.`,
    )
    .action(async ({ env: environment, set: settings, output }: Options) => {
      prepare();
      const { explore } = await import('../explore');
      const today = new Date().toISOString().slice(0, 10);
      const page = await explore({ environment, settings, today, ...place });
      const file = output ?? `explore-${environment}.html`;
      writeFor('the page', 'output', file, page);
      process.stdout.write(`${file}: ${Math.ceil(Buffer.byteLength(page) / 1024)} KiB, open it in a browser\n`);
    });
}
