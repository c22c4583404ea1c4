import type { Configuration } from '../../config/configuration';
import { DEFAULTS } from '../../config/defaults';
import { schemaAt } from '../../config/overrides';
import { valueAt } from '../../config/tree';
import { isTree } from '../../template/values';

/** Texts of the user's own that the page reckons with; a star is a name of the user's choice. */
const TEXTS: ReadonlySet<string> = new Set([
  'environment',
  'region',
  'uploadsQueue',
  'database.class',
  'database.replicaClass',
  'cache.class',
  'data.functions.*.class',
  'data.documents.class',
]);

/** Text that stands for one that is left out and has no default: that there is one counts, in alarms or a pipeline. */
const LEFT_OUT = '-';

/**
 * A configuration as a page that is handed on may hold it: numbers, what is one of a closed list, and the few other texts that
 * the page reckons with. Domains, addresses, mails, ARNs and whatever else a setting may name are left out.
 */
export function shownConfiguration<One extends Configuration>(configuration: One): One {
  return shown(configuration, []) as One;
}

/** Settings of the command line as the page prints them in its commands: what it does not hold is for the reader to fill in. */
export function shownSettings(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).map(([key, value]) => `${key}=${isShown(key.split('.')) ? value : '...'}`);
}

function shown(value: unknown, path: readonly string[]): unknown {
  if (typeof value === 'string') return isShown(path) ? value : defaultAt(path);
  if (Array.isArray(value)) return value.map((one: unknown, at) => shown(one, [...path, String(at)]));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shown(one, [...path, key])] as const));
}

function defaultAt(path: readonly string[]): string {
  const value = valueAt(DEFAULTS, path);
  return typeof value === 'string' ? value : LEFT_OUT;
}

const CLOSED: ReadonlySet<string | undefined> = new Set(['enum', 'number', 'boolean', 'literal']);

function isShown(path: readonly string[]): boolean {
  const key = path.join('.');
  return CLOSED.has(schemaAt(key)?.def.type) || TEXTS.has(key) || TEXTS.has(withStar(path));
}

/** The path with a star for the name of one thing among others. */
function withStar(path: readonly string[]): string {
  return path.map((part, at) => (schemaAt(path.slice(0, at).join('.'))?.def.type === 'record' ? '*' : part)).join('.');
}
