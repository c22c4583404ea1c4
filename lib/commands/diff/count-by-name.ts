import { counted } from '../../template/counted';

/** `5 published parameters, 1 role`: the most first. */
export function countByName(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
    .map(([name, count]) => counted(count, name))
    .join(', ');
}
