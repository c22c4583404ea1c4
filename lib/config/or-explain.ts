import { ConfigurationError } from './configuration-error';

/** Runs a program; what the user can mend is shown as one message without a stack trace, with exit code 1. */
export function orExplain(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`beamstalk: ${error.message}\n`);
    process.exit(1);
  }
}
