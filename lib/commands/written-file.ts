import { writeFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { ConfigurationError } from '../config/configuration-error';

/** The name of a file, as an option gives it. */
export function fileName(text: string): string {
  if (text === '') throw new InvalidArgumentError('Write the name of a file.');
  return text;
}

/**
 * Writes what a command was asked to write.
 *
 * @param what The thing that is written, as the message names it: `the page`
 * @param option The option that named the file, without its dashes
 * @throws ConfigurationError when the file cannot be written.
 */
export function writeFor(what: string, option: string, file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    const allowed = `a file that can be written (${error instanceof Error ? error.message : String(error)})`;
    throw new ConfigurationError(what, [{ key: option, received: file, allowed, where: `--${option} ...` }]);
  }
}
