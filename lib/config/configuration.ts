import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CHECKS } from './checks';
import { ConfigurationError, type Problem } from './configuration-error';
import { DEFAULTS } from './defaults';
import { itemSchemaAt, type Override, overridesFrom, RESERVED } from './overrides';
import { type Settings, settingsSchema } from './schema';
import { allowedAt, allowedInstead } from './wording';

/** The phases, by the guide's numbering. */
export type PhaseNumber = 0 | 1 | 2 | 3 | 4 | 5 | 6;

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

type Tree = { [key: string]: unknown };

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
  const received = withNamedThings(
    overlay(overlay(structuredClone(DEFAULTS) as Tree, fromFile), overridesTree(overrides)),
  );

  const where = (key: string): string => {
    const flag = overrides.find(
      (override) => `${override.key}.`.startsWith(`${key}.`) || `${key}.`.startsWith(`${override.key}.`),
    );
    return flag === undefined ? file : `--context ${flag.key}=...`;
  };
  const problems = problemsOf(received, where, overrides);
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

/** Two states as `beamstalk diff` writes them: the one before and the one after. */
const FORCED_STEP = /^[0-6](\+[0-6])?-to-[0-6](\+[0-6])?$/;

function readForce(value: unknown, subject: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && FORCED_STEP.test(value)) return value;
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

/** Lays one tree over another; lists and single values replace, branches merge. Returns the changed base. */
function overlay(base: Tree, over: Tree): Tree {
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    const merged = isTree(value) && isTree(below) ? overlay(below, value) : value;
    // Defined, not assigned: assigning `__proto__` would set the prototype, and the schema would never see the key.
    Object.defineProperty(base, key, { value: merged, configurable: true, enumerable: true, writable: true });
  }
  return base;
}

/**
 * Named things, such as queues, come with defaults: a file takes one away by setting it to null, and what one leaves
 * out has the default of its kind. Returns a new tree.
 */
function withNamedThings(tree: Tree, path = ''): Tree {
  const result: Tree = {};
  const kind = path === '' ? undefined : itemSchemaAt(path);
  for (const [key, value] of Object.entries(tree)) {
    if (kind !== undefined && value === null) continue;
    const item = kind && z.core.safeParse(kind, value);
    const whole = isTree(value) ? withNamedThings(value, path === '' ? key : `${path}.${key}`) : value;
    overlay(result, { [key]: item?.success ? item.data : whole });
  }
  return result;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemsOf(received: Tree, where: (key: string) => string, overrides: readonly Override[]): Problem[] {
  const problems = new Map<string, Problem>();
  const report = (key: string, allowed: string): void => {
    // The first complaint about a key is the most basic one.
    if (!problems.has(key)) problems.set(key, { key, received: valueAt(received, key), allowed, where: where(key) });
  };
  /** An unknown key as it was given: in a file it is one part, as a flag the whole of it. */
  const reportUnknown = (key: string): void => {
    const flags = overrides.filter((override) => override.key.startsWith(`${key}.`));
    for (const name of flags.length === 0 ? [key] : flags.map((flag) => flag.key)) report(name, allowedInstead(name));
  };

  for (const issue of settingsSchema.safeParse(received).error?.issues ?? []) {
    const path = issue.path.filter((part) => typeof part === 'string').join('.');
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) reportUnknown(path === '' ? key : `${path}.${key}`);
    } else {
      report(path, allowedAt(path, issue.message, valueAt(received, path)));
    }
  }
  const malformed = [...problems.keys()];
  for (const { keys, violated } of CHECKS) {
    const sound = keys.every((key) => !malformed.some((bad) => bad === key || key.startsWith(`${bad}.`)));
    const wrong = sound ? violated(received as Settings) : undefined;
    if (typeof wrong === 'string') report(keys[0], wrong);
    else if (wrong !== undefined) report(wrong.key, wrong.allowed);
  }
  return [...problems.values()].sort((a, b) => a.key.localeCompare(b.key));
}

function valueAt(tree: Tree, key: string): unknown {
  return key.split('.').reduce<unknown>((value, part) => (isTree(value) ? value[part] : undefined), tree);
}
