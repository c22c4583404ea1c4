// `beamstalk move`, and what moves rows of `beamstalk shards`, in one file without packages beside it: for a machine in the
// network of the databases.
import { Command, CommanderError } from 'commander';
import { addMoveCommands } from '../lib/commands/move/move-command';
import { outliveReaders } from '../lib/commands/readers';
import { addRowsCommands } from '../lib/commands/shards/rows-command';
import { orExplain } from '../lib/config/or-explain';
import { version } from '../package.json';

// The AWS SDK warns that its next versions want Node.js 22. This project is pinned to one, which does not.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

outliveReaders();

const program = new Command('move')
  .description('Moves tables between two PostgreSQL servers while users write.')
  .version(version, '--version', 'print the version')
  .exitOverride();
addMoveCommands(program);
addRowsCommands(program.command('shards').description('move logical shards with their rows (docs/moving-shards.md)'));

program.parseAsync().catch((error: unknown) => {
  // Misuse of the command line has been explained by then; asking for help is none.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  orExplain(() => {
    throw error;
  });
});
