import { wrap } from '../diff/wrap';
import { table } from '../table';
import { headline, sentences } from './in-words';
import { dollars } from './money';
import type { CostReport, Dear, SideReport } from './report';

/** Renders a bill, or the difference of two, for people. */
export function text(report: CostReport): string {
  const { after } = report;
  const lines = [
    ...wrap(headline(report), 0),
    ...sentences(report).flatMap((words) => wrap(words, 2)),
    ...section('By tier', tiers(report)),
    ...section('The dearest, and what would make them cheaper', after.dearest.flatMap(dear)),
    ...section(
      'Notes',
      after.notes.flatMap(({ stack, id, type, note }) => wrap(`${stack}/${id} (${type}): ${note}`, 2)),
    ),
    ...section('Not priced', notPriced(after)),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function tiers({ before, after, change: difference }: CostReport): string[] {
  if (before === undefined || difference === undefined) {
    const rows = after.tiers.map(({ tier, fixed, usage }) => [tier, dollars(fixed), dollars(usage)]);
    return rightAligned(['', 'fixed', 'usage'], rows);
  }
  const rows = difference.tiers.map((one) => {
    return [one.tier, dollars(one.before), dollars(one.after), dollars(one.after - one.before)];
  });
  return rightAligned(['', 'before', 'after', 'change'], rows);
}

/** A table whose columns but the first stand to the right. */
function rightAligned(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const padded = [heads, ...rows].map((row) =>
    row.map((cell, column) => (column === 0 ? cell : cell.padStart(widths[column] ?? 0))),
  );
  const [head = [], ...body] = padded;
  return table(head, body)
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
}

function dear({ what, usd, cheaper }: Dear): string[] {
  const money = dollars(usd).padStart(11);
  return [`${money}  ${what}`, ...wrap(cheaper, 13)];
}

const MOST_NOT_PRICED = 10;

function notPriced({ notPriced: parts }: SideReport): string[] {
  const shown = parts.slice(0, MOST_NOT_PRICED);
  const more = parts.length - shown.length;
  return [
    ...shown.flatMap(({ stack, id, type, why }) => wrap(stack === '' ? why : `${stack}/${id} (${type}): ${why}`, 2)),
    ...(more === 0 ? [] : [`  and ${more} more: --json lists all`]),
  ];
}
