import type { Verdict } from '../../lib/verdict/verdict-schema';

/** A verdict in the lines of a committed table: its counts, and the findings that decide. */
export function described(title: string, { verdict, summary, findings }: Verdict): string[] {
  const counts = Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([change, count]) => `${change} ${count}`);
  const decisive = findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ rule, stack, id }) => (id === undefined ? rule : `${rule} ${stack?.replace(/^[a-z]+-/, '')}/${id}`));
  return [`${title}: ${verdict}; ${counts.join(', ')}`, ...decisive.map((one) => `    ${one}`)];
}
