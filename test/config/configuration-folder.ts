import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Configuration, readConfiguration } from '../../lib/config/configuration';
import { ConfigurationError } from '../../lib/config/configuration-error';

/** Context as the CDK hands it over: text from the command line, anything from cdk.json. */
type Context = Readonly<Record<string, unknown>>;

/** A folder with one environment `test`, gone after the test. Text is written as it is, anything else as JSON. */
export function folderWith(content: unknown): string {
  const directory = mkdtempSync(join(tmpdir(), 'configuration-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'test.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return directory;
}

/** Reads the environment `test`, whose file holds `content`. */
export function read(content: unknown, context: Context = {}): Configuration {
  return readConfiguration({ context: { env: 'test', ...context }, directory: folderWith(content) });
}

/** What a user sees of a configuration that is not sound: the first line, then one for each problem. */
export function complaint(content: unknown, context: Context = {}): readonly string[] {
  try {
    read(content, context);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n');
    throw error;
  }
  throw new Error('the configuration was accepted');
}

/** The one problem of a context over an empty file. */
export function problem(context: Context, content: unknown = {}): string {
  const [head, line = '', ...rest] = complaint(content, context);
  const subject = '1 error in the configuration of environment test';
  if (head !== subject || rest.length > 0)
    throw new Error(`more than one problem: ${[head, line, ...rest].join(' / ')}`);
  return line;
}
