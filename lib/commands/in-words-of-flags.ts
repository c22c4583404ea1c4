import { ConfigurationError } from '../config/configuration-error';
import { asFlags } from './as-flags';

/**
 * Runs a part of a command that chooses its environment by `--env`, and nothing else of the configuration.
 *
 * @throws ConfigurationError that names the flag instead of `--context`.
 */
export function inWordsOfFlags<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw error instanceof ConfigurationError ? asFlags(error) : error;
  }
}
