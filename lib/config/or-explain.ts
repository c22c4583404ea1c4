import { ConfigurationError } from './configuration-error';

/** Runs a program; what the user can mend is shown as one message without a stack trace, with exit code 1. */
export function orExplain(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigurationError) {
      process.stderr.write(`beamstalk: ${error.message}\n`);
    } else if (error instanceof Error && error.message.startsWith('ValidationFailed')) {
      process.stderr.write('beamstalk: a template is not valid; the findings stand above\n');
    } else {
      throw error;
    }
    process.exit(1);
  }
}
