import { MoveError } from '../../move/move-error';
import { MapError } from '../../sharding/map-items';
import { harmless } from '../environment/harmless';
import { INTERRUPTED } from '../environment/operator-error';
import type { RowsOutcome } from './with-rows';

/** Runs a move of rows on a terminal: progress goes to standard error; what its operator can mend is one message. */
export async function runRows(run: (report: (line: string) => void) => Promise<RowsOutcome>): Promise<void> {
  // A terminal that goes ends nothing between two commits.
  process.on('SIGHUP', () => undefined);
  process.once('SIGINT', () => {
    process.stderr.write(
      '\nbeamstalk: interrupted; where logical shards were frozen, nobody writes them: run the same again, or abort it\n',
    );
    process.exit(INTERRUPTED);
  });
  try {
    const { output, done } = await run((line) => void process.stderr.write(`${harmless(line)}\n`));
    process.stdout.write(output);
    process.exitCode = done ? 0 : 1;
  } catch (error) {
    // Errors of a database, such as the end of a connection, are for the operator as well: the same may be run again.
    if (!(error instanceof MoveError || error instanceof MapError || isOfADatabase(error))) throw error;
    const again = isOfADatabase(error) ? ': run the same again, which goes on where it was' : '';
    process.stderr.write(`beamstalk: ${harmless(error.message)}${again}\n`);
    process.exitCode = 1;
  }
}

/** True for what PostgreSQL says, with its SQLSTATE, and for connections that break. */
function isOfADatabase(error: unknown): error is Error {
  return (
    error instanceof Error &&
    ('severity' in error ||
      'errno' in error ||
      /^(Connection terminated|Query read timeout|Client has encountered a connection error)/.test(error.message))
  );
}
