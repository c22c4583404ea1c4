import { Command, CommanderError } from 'commander';
import { phases } from '../lib/commands/phases';
import { CDK_JSON, CONFIGURATION_DIRECTORY } from '../lib/config/directory';
import { orExplain } from '../lib/config/or-explain';

const place = { directory: CONFIGURATION_DIRECTORY, cdkJson: CDK_JSON };

const program = new Command('beamstalk')
  .description('What stands beside `npx cdk deploy`: every phase of a system on AWS, built, checked and compared.')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();

program
  .command('phases')
  .description('build, synthesise and validate every phase, and say what each adds')
  .option('--env <environment>', 'the environment to build', 'dev')
  .action(({ env }: { env: string }) => {
    process.stdout.write(phases({ context: { env }, ...place }));
  });

orExplain(() => {
  try {
    program.parse();
  } catch (error) {
    // Misuse of the command line has been explained by then; asking for help is none.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
});
