import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, type Problem } from './configuration-error';
import { type JsonText, readJson } from './json-text';
import { listed } from './nearest';
import { RESERVED } from './overrides';
import { isTree, type Tree } from './tree';

/** Environment that is read when none is named. */
export const DEFAULT_ENVIRONMENT = 'dev';

const FILE_NAME = /^([a-z][a-z0-9-]{0,19})\.json$/;

/** Contents of one environment's file. */
export interface EnvironmentFile {
  readonly environment: string;
  /** Name in messages, for example `config/prod.json`. */
  readonly name: string;
  /** All that it says, but for the name of its schema. */
  readonly tree: Tree;
  /** See `JsonText`. */
  readonly numberAt: JsonText['numberAt'];
}

/** The environments that a folder of configurations holds, sorted by name. */
export function environmentsIn(directory: string): string[] {
  return readdirSync(directory)
    .map((file) => FILE_NAME.exec(file)?.[1])
    .filter((name): name is string => name !== undefined && name !== 'schema')
    .sort();
}

/**
 * Reads the file of the environment that `--context env=...` names, or of the default one.
 *
 * @throws ConfigurationError when there is no such environment, or its file is no JSON object or says what no file says.
 */
export function readEnvironmentFile(environment: unknown, directory: string): EnvironmentFile {
  const chosen = known(environment ?? DEFAULT_ENVIRONMENT, directory);
  const name = `config/${chosen}.json`;
  const { value, repeated, numberAt } = parsed(join(directory, `${chosen}.json`), name);
  if (!isTree(value)) throw new ConfigurationError(name, [{ key: '(file)', allowed: 'a JSON object', where: name }]);
  const { $schema: _, ...tree } = value;
  const misplaced = Object.keys(tree)
    .filter((key) => RESERVED.has(key))
    .map((key): Problem => {
      const allowed = 'nothing: a file says what an environment is, and this is said with each deployment';
      return { key, received: tree[key], allowed, where: `--context ${key}=...` };
    });
  const twice = repeated.map(({ path, lines }): Problem => {
    const places = [...new Set(lines)];
    const written = `${lines.length} times, in line${places.length > 1 ? 's' : ''} ${places.join(' and ')}`;
    return { key: path.join('.'), received: '', written, allowed: 'each key once', where: name };
  });
  if (misplaced.length + twice.length > 0) throw new ConfigurationError(name, [...misplaced, ...twice]);
  return { environment: chosen, name, tree, numberAt };
}

function known(environment: unknown, directory: string): string {
  if (!existsSync(directory)) {
    const where = 'the project, and run this there';
    const problem = { key: '(folder)', received: directory, allowed: 'a folder of environments', where };
    throw new ConfigurationError('the choice of environment', [problem]);
  }
  const all = environmentsIn(directory);
  if (typeof environment === 'string' && all.includes(environment)) return environment;
  const allowed = `one of ${listed(all, String(environment))}`;
  const problem = { key: 'env', received: environment, allowed, where: '--context env=...' };
  throw new ConfigurationError('the choice of environment', [problem]);
}

function parsed(path: string, name: string): JsonText {
  const problem = (allowed: string): ConfigurationError =>
    new ConfigurationError(name, [{ key: '(file)', allowed, where: name }]);
  if (!existsSync(path)) throw problem('a file that exists');
  try {
    // Some editors begin a file with a mark of its byte order, which is no JSON.
    return readJson(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw problem(`JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
