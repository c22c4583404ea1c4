import { CHECKS } from './checks';
import type { Problem } from './configuration-error';
import { NAME, NAME_ALLOWED } from './fields';
import { didYouMean } from './nearest';
import { itemSchemaAt, type Override } from './overrides';
import { type Settings, settingsSchema } from './schema';
import { isTree, isWithin, type Tree, valueAt } from './tree';
import { allowedAt, allowedInstead, likelyMeant } from './wording';

/** What is known of a configuration besides what it says: where each key comes from. */
export interface Received {
  readonly tree: Tree;
  readonly overrides: readonly Override[];
  /** Where a user sets a key. */
  readonly where: (key: string) => string;
}

/**
 * Everything that is wrong with a configuration, sorted by key: one problem for each mistake. First come names that
 * cannot be, then unknown keys, then values, then the rules over several keys that read only what is well-formed.
 */
export function problemsOf({ tree, overrides, where }: Received): Problem[] {
  const problems = new Map<string, Problem>();
  /** Keys that are missing because they are misspelt: the misspelt one has been reported. */
  const misspelt = new Set<string>();
  const report = (path: readonly string[], allowed: string): void => {
    const key = path.join('.');
    const received = valueAt(tree, path);
    if (received === undefined && misspelt.has(key)) return;
    // The first complaint about a key, what holds it or what it holds is the most basic one.
    if ([...problems.keys()].some((known) => isWithin(key, known) || isWithin(known, key))) return;
    problems.set(key, { key, received, allowed, where: where(key) });
  };
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
    const wrong = sound ? violated(tree as unknown as Settings) : undefined;
    if (typeof wrong === 'string') report(keys[0].split('.'), wrong);
    else if (wrong !== undefined) report(wrong.key.split('.'), wrong.allowed);
  }
  return [...problems.values()].sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));
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
      const names = there.length === 0 ? 'of which there are none' : `one of ${there.join(', ')}`;
      return [{ path: place, allowed: `null takes away what is there, ${names}${didYouMean(key, there)}` }];
    }
    if (holdsNamed && !NAME.test(key)) return [{ path: place, allowed: NAME_ALLOWED }];
    return isTree(value) ? misnamedThings(value, place) : [];
  });
}
