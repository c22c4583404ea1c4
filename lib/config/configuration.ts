import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isStep, type PhaseNumber } from '../facts/phase-numbers';
import { ConfigurationError } from './configuration-error';
import { DEFAULTS } from './defaults';
import { NAME } from './fields';
import { itemSchemaAt, type Override, overridesFrom, RESERVED } from './overrides';
import { problemsOf } from './problems';
import { type Settings, settingsSchema } from './schema';
import { isTree, overlay, type Tree, valueAt } from './tree';

/** A checked configuration: what is deployed, where, and how far it has grown. */
export interface Configuration extends Settings {
  /** Name of the environment, for example `prod`: the file it came from and the prefix of its stacks. */
  readonly environment: string;
  readonly phase: PhaseNumber;
  /**
   * The phase that a climb comes from while it expands: what the phases above it retire is still built, beside the
   * new. Left out, the climb contracts.
   */
  readonly from?: PhaseNumber;
  /** The one step that the gate lets through in spite of its rules, for example `3-to-2` or `3+1-to-2+1`. */
  readonly force?: string;
}

/** Where a configuration comes from. */
export interface ConfigurationSource {
  /** The CDK's context: `env`, `phase` and any setting by its dotted path. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Folder that holds one `<environment>.json` each. */
  readonly directory: string;
}

const DEFAULT_ENVIRONMENT = 'dev';
const ENVIRONMENT_FILE = /^([a-z][a-z0-9-]{0,19})\.json$/;

/** The environments that a folder of configurations holds, sorted by name. */
export function environmentsIn(directory: string): string[] {
  return readdirSync(directory)
    .map((file) => ENVIRONMENT_FILE.exec(file)?.[1])
    .filter((name): name is string => name !== undefined && name !== 'schema')
    .sort();
}

/**
 * Reads, merges and checks a configuration: `--context` over `config/<env>.json` over `DEFAULTS`.
 *
 * @throws ConfigurationError that lists everything that is wrong, each with its key, what was received, what is
 * allowed and where to set it.
 */
export function readConfiguration({ context, directory }: ConfigurationSource): Configuration {
  const environment = readEnvironment(context['env'] ?? DEFAULT_ENVIRONMENT, directory);
  const file = `config/${environment}.json`;
  const subject = `the configuration of environment ${environment}`;
  const fromFile = readFile(join(directory, `${environment}.json`), file);
  const overrides = overridesFrom(context);
  const defaults = DEFAULTS as unknown as Tree;
  const received = withNamedThings(
    overlay(overlay(structuredClone(defaults), structuredClone(fromFile)), overridesTree(overrides)),
    [defaults, fromFile],
  );

  const where = (key: string): string => {
    const flag = overrides.find(
      (override) => `${override.key}.`.startsWith(`${key}.`) || `${key}.`.startsWith(`${override.key}.`),
    );
    return flag === undefined ? file : `--context ${flag.key}=...`;
  };
  const problems = problemsOf({ tree: received, overrides, where });
  if (problems.length > 0) throw new ConfigurationError(subject, problems);
  const settings = settingsSchema.parse(received);
  const from = readFrom(context['from'], settings.phase, subject);
  const force = readForce(context['force'], subject);
  return {
    ...settings,
    environment,
    ...(from !== undefined && { from }),
    ...(force !== undefined && { force }),
  } as Configuration;
}

function readFrom(value: unknown, phase: number, subject: string): number | undefined {
  if (value === undefined) return undefined;
  const from = typeof value === 'string' && /^\d$/.test(value) ? Number(value) : value;
  if (typeof from === 'number' && Number.isInteger(from) && from >= 0 && from < phase) return from;
  const allowed =
    phase === 0 ? 'nothing: phase 0 has no phase below it' : `an integer from 0 to ${phase - 1}, below phase`;
  throw new ConfigurationError(subject, [{ key: 'from', received: value, allowed, where: '--context from=...' }]);
}

function readEnvironment(value: unknown, directory: string): string {
  if (!existsSync(directory)) {
    const where = 'the project, and run this there';
    const problem = { key: '(folder)', received: directory, allowed: 'a folder of environments', where };
    throw new ConfigurationError('the choice of environment', [problem]);
  }
  const known = environmentsIn(directory);
  if (typeof value === 'string' && known.includes(value)) return value;
  const problem = { key: 'env', received: value, allowed: `one of ${known.join(', ')}`, where: '--context env=...' };
  throw new ConfigurationError('the choice of environment', [problem]);
}

function readForce(value: unknown, subject: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && isStep(value)) return value;
  const allowed = 'the exact step as the gate names it, such as 3-to-2 or 3+1-to-2+1';
  throw new ConfigurationError(subject, [{ key: 'force', received: value, allowed, where: '--context force=...' }]);
}

function readFile(path: string, name: string): Tree {
  const problem = (allowed: string): ConfigurationError =>
    new ConfigurationError(name, [{ key: '(file)', allowed, where: name }]);
  if (!existsSync(path)) throw problem('a file that exists');
  let content: unknown;
  try {
    // Some editors begin a file with a mark of its byte order, which is no JSON.
    content = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw problem(`JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isTree(content)) throw problem('a JSON object');
  const { $schema: _, ...tree } = content;
  const misplaced = Object.keys(tree).filter((key) => RESERVED.has(key));
  if (misplaced.length === 0) return tree;
  const allowed = 'nothing: a file says what an environment is, and this is said with each deployment';
  throw new ConfigurationError(
    name,
    misplaced.map((key) => ({ key, received: tree[key], allowed, where: `--context ${key}=...` })),
  );
}

function overridesTree(overrides: readonly Override[]): Tree {
  const tree: Tree = {};
  for (const { key, value } of overrides) {
    const parts = key.split('.');
    const nested = parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as Tree;
    overlay(tree, nested);
  }
  return tree;
}

/**
 * Named things, such as queues, come with defaults: a file takes one away by setting it to null, and what one leaves
 * out has the default of its kind. A null that takes nothing away stays, to be reported. Returns a new tree.
 */
function withNamedThings(tree: Tree, below: readonly Tree[], path: readonly string[] = []): Tree {
  const result: Tree = {};
  const kind = path.length === 0 ? undefined : itemSchemaAt(path.join('.'));
  for (const [key, value] of Object.entries(tree)) {
    const place = [...path, key];
    const isThere = (layer: Tree): boolean => (valueAt(layer, place) ?? null) !== null;
    if (kind !== undefined && value === null && below.some(isThere)) continue;
    const item = kind && NAME.test(key) ? z.core.safeParse(kind, value) : undefined;
    const whole = isTree(value) ? withNamedThings(value, below, place) : value;
    overlay(result, Object.fromEntries([[key, item?.success ? item.data : whole]]));
  }
  return result;
}
