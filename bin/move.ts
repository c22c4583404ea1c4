// `beamstalk move` in one file without packages beside it: for a machine in the network of the databases.
import { Command, CommanderError } from 'commander';
import { addMoveCommands } from '../lib/commands/move/move-command';
import { orExplain } from '../lib/config/or-explain';
import { version } from '../package.json';

const program = new Command('move')
  .description('Moves tables between two PostgreSQL servers while users write.')
  .version(version, '--version', 'print the version')
  .exitOverride();
addMoveCommands(program);

program.parseAsync().catch((error: unknown) => {
  // Misuse of the command line has been explained by then; asking for help is none.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  orExplain(() => {
    throw error;
  });
});
