import { counted } from '../../template/counted';

/** `5 published parameters, 1 role`: the most first. */
export function countByName(names: readonly string[]): string {
  return countsOf(names)
    .map(([name, count]) => counted(count, name))
    .join(', ');
}

/** Rank of a kind among those that are counted: 0 is never left out, the lowest of the others come first. */
export type Rank = (name: string) => number;

/**
 * The same, of many kinds the first few and a count of the others: `5 published parameters, 2 roles and 4 others of 3
 * kinds`.
 */
export function countFewByName(names: readonly string[], most: number, rank: Rank): string {
  const all = countsOf(names).sort(([a], [b]) => rank(a) - rank(b));
  const must = all.filter(([name]) => rank(name) === 0).length;
  const shown = Math.max(most, must);
  const left = all.slice(shown);
  // One kind more takes no more room than the words that stand for it.
  if (left.length <= 1) return countByName(names);
  const others = left.reduce((sum, [, count]) => sum + count, 0);
  const few = all.slice(0, shown).map(([name, count]) => counted(count, name));
  const of = others === left.length ? '' : ` of ${counted(left.length, 'kind')}`;
  return `${few.join(', ')} and ${counted(others, 'other')}${of}`;
}

function countsOf(names: readonly string[]): [name: string, count: number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
