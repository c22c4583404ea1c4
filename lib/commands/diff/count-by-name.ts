import { counted } from '../../template/counted';

/** `5 published parameters, 1 role`: the most first. */
export function countByName(names: readonly string[]): string {
  return countsOf(names)
    .map(([name, count]) => counted(count, name))
    .join(', ');
}

/**
 * The same, of many kinds the first few and a count of the others: `5 published parameters, 2 roles and 4 others of 3
 * kinds`. Kinds that may not be left out come first.
 */
export function countFewByName(names: readonly string[], most: number, always: ReadonlySet<string>): string {
  const all = countsOf(names);
  const must = all.filter(([name]) => always.has(name));
  const [shown, left] = [must, all.filter(([name]) => !always.has(name))];
  const room = Math.max(0, most - must.length);
  // One kind more takes no more room than the words that stand for it.
  if (left.length <= room + 1) return countByName(names);
  const others = left.slice(room).reduce((sum, [, count]) => sum + count, 0);
  const few = [...shown, ...left.slice(0, room)].map(([name, count]) => counted(count, name)).join(', ');
  const kinds = left.length - room;
  return `${few} and ${counted(others, 'other')}${others === kinds ? '' : ` of ${counted(kinds, 'kind')}`}`;
}

function countsOf(names: readonly string[]): [name: string, count: number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
