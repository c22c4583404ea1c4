import { CHECKS } from './checks';
import type { Problem } from './configuration-error';
import type { EnvironmentFile } from './environment-file';
import { NAME, NAME_ALLOWED } from './fields';
import { didYouMean, listed } from './nearest';
import { itemSchemaAt, type Override } from './overrides';
import { type Settings, settingsSchema } from './schema';
import { isTree, isWithin, type Tree, valueAt } from './tree';
import { allowedAt, allowedInstead, likelyMeant } from './wording';

/** A configuration as received, with the origin of each key. */
export interface Received {
  readonly tree: Tree;
  readonly overrides: readonly Override[];
  readonly file: Pick<EnvironmentFile, 'name' | 'tree' | 'numberAt'>;
  /** The phase that a climb comes from, as it was given. */
  readonly from?: unknown;
}

/**
 * Everything that is wrong with a configuration, sorted by key: one problem for each mistake. First come keys that are
 * said twice and names that cannot be, then unknown keys, then values, then the rules over several keys that read only
 * what is well-formed.
 */
export function problemsOf(all: Received): Problem[] {
  const { tree, overrides } = all;
  const problems = new Map<string, Problem>();
  /** Keys that are missing because they are misspelt: the misspelt one has been reported. */
  const misspelt = new Set<string>();
  const report = (path: readonly string[], allowed: string): void => {
    const key = path.join('.');
    const received = valueAt(tree, path);
    if (received === undefined && misspelt.has(key)) return;
    // The first complaint about a key, what holds it or what it holds is the most basic one.
    if ([...problems.keys()].some((known) => isWithin(key, known) || isWithin(known, key))) return;
    problems.set(key, { key, received, allowed, ...originOf(path, all) });
  };
  for (const problem of saidTwice(overrides)) problems.set(problem.key, problem);
  /** An unknown key as it was given: in a file it is one part, as a flag the whole of it. */
  const reportUnknown = (path: readonly string[]): void => {
    const key = path.join('.');
    const flags = overrides.filter((override) => override.key.startsWith(`${key}.`));
    for (const given of flags.length === 0 ? [path] : flags.map((flag) => flag.key.split('.'))) {
      const name = given.join('.');
      report(given, allowedInstead(name));
      const meant = likelyMeant(name);
      if (meant !== undefined) misspelt.add(meant);
    }
  };

  const misnamed = misnamedThings(tree);
  for (const { path, allowed } of misnamed) report(path, allowed);
  const isMisnamed = (key: string): boolean => misnamed.some(({ path }) => isWithin(key, path.join('.')));

  const issues = (settingsSchema.safeParse(tree).error?.issues ?? [])
    .map((issue) => ({ issue, path: issue.path.map(String) }))
    .filter(({ path }) => !isMisnamed(path.join('.')));
  for (const { issue, path } of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) reportUnknown([...path, key]);
  }
  for (const { issue, path } of issues) {
    const value = valueAt(tree, path);
    if (issue.code !== 'unrecognized_keys') report(path, allowedAt(path.join('.'), issue.message, value));
  }

  const malformed = [...problems.keys()];
  for (const { keys, violated } of CHECKS) {
    const sound = keys.every((key) => !malformed.some((bad) => isWithin(key, bad) || isWithin(bad, key)));
    const wrong = sound ? violated(tree as unknown as Settings, lowestPhase(all)) : undefined;
    if (typeof wrong === 'string') report(keys[0].split('.'), wrong);
    else if (wrong !== undefined) report(wrong.key.split('.'), wrong.allowed);
  }
  return [...problems.values()].sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));
}

/** The lowest phase of which something is built: while a climb expands, the one that it comes from. */
function lowestPhase({ tree, from }: Received): number {
  const phase = Number(tree['phase']);
  return from === undefined || Number.isNaN(Number(from)) ? phase : Math.min(phase, Number(from));
}

/** Origin of a value: the command line, the file, or neither. */
function originOf(
  path: readonly string[],
  { overrides, file }: Received,
): Pick<Problem, 'written' | 'isDefault' | 'where' | 'orBy'> {
  const key = path.join('.');
  // The last one wins, so that is the one to change.
  const flag = overrides.findLast((override) => isWithin(override.key, key) || isWithin(key, override.key));
  if (flag !== undefined) {
    const inside = path.slice(flag.key.split('.').length);
    const written = flag.json === undefined ? flag.text : flag.json.numberAt(inside);
    const differs = typeof flag.value === 'number' && written !== String(flag.value);
    const isShown = written !== undefined && (flag.json !== undefined || differs);
    return { where: flagOf(flag.key), ...(isShown && { written }) };
  }
  if (valueAt(file.tree, path) === undefined) return { isDefault: true, where: file.name, orBy: flagOf(key) };
  const written = file.numberAt(path);
  return { where: file.name, ...(written !== undefined && { written }) };
}

function flagOf(key: string): string {
  return `--context ${key}=...`;
}

/** Keys that a flag says twice, or that two flags say: one of the two would be lost without a word. */
function saidTwice(overrides: readonly Override[]): Problem[] {
  const inOne = overrides.flatMap(({ key, json }) =>
    (json?.repeated ?? []).map(({ path, lines }): Problem => {
      const written = `${lines.length} times`;
      return { key: [key, ...path].join('.'), received: '', written, allowed: 'each key once', where: flagOf(key) };
    }),
  );
  const flags = new Map<string, string[]>();
  for (const { key, value } of overrides) {
    for (const leaf of leavesOf(value, key)) flags.set(leaf, [...(flags.get(leaf) ?? []), flagOf(key)]);
  }
  const inTwo = [...flags]
    .filter(([, by]) => by.length > 1)
    .map(([key, by]): Problem => {
      const written = `${by.length} times`;
      return { key, received: '', written, allowed: 'each key once', where: by.join(' or ') };
    });
  return [...inOne, ...inTwo];
}

/** Dotted paths of all that a value says: a list is one thing, because it replaces the list below. */
function leavesOf(value: unknown, key: string): string[] {
  return isTree(value) ? Object.entries(value).flatMap(([part, inner]) => leavesOf(inner, `${key}.${part}`)) : [key];
}

interface Misnamed {
  readonly path: readonly string[];
  readonly allowed: string;
}

/** Things of the user's own names whose name cannot be, and those that are taken away without being there. */
function misnamedThings(tree: Tree, path: readonly string[] = []): Misnamed[] {
  const holdsNamed = path.length > 0 && itemSchemaAt(path.join('.')) !== undefined;
  return Object.entries(tree).flatMap(([key, value]): Misnamed[] => {
    const place = [...path, key];
    if (holdsNamed && value === null) {
      const there = Object.keys(tree).filter((name) => tree[name] !== null);
      const names = there.length === 0 ? 'of which there are none' : `one of ${listed(there, key)}`;
      return [{ path: place, allowed: `null takes away what is there, ${names}${didYouMean(key, there)}` }];
    }
    if (holdsNamed && !NAME.test(key)) return [{ path: place, allowed: NAME_ALLOWED }];
    return isTree(value) ? misnamedThings(value, place) : [];
  });
}
