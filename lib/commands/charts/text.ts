import type { Bottleneck } from '../../capacity/capacity';
import { taken } from '../../capacity/ceiling';
import { withoutParts } from '../cost/in-words';
import { wholeDollars } from '../cost/money';
import { givesWay } from '../explore/months';

/** One phase, as the charts draw it. */
export interface PhaseRow {
  readonly number: number;
  readonly name: string;
  readonly fixed: number;
  readonly usage: number;
  /** Parts that have no price, and are not in the bill. */
  readonly notPriced: number;
  readonly first?: Bottleneck;
}

/** Columns that a bar may take beside names and figures. */
const LEAST_BAR = 10;
const BESIDE_BAR = 62;

/** Bars of the bill of every phase, and of what is taken of its first bottleneck. */
export function chartsAsText(environment: string, rows: readonly PhaseRow[], width: number): string {
  const columns = Math.max(LEAST_BAR, width - BESIDE_BAR);
  const most = Math.max(1, ...rows.map(({ fixed, usage }) => fixed + usage));
  const names = rows.map(({ number, name }) => `${number} ${name}`);
  const widest = Math.max(...names.map(({ length }) => length));
  const line = (at: number, bar: string, words: string): string =>
    `  ${(names[at] ?? '').padEnd(widest)}  ${bar.padEnd(columns)}  ${words}`.trimEnd();
  const bills = rows.map(({ fixed, usage, notPriced }, at) => {
    const [whole, upTo] = [fixed, fixed + usage].map((usd) => Math.round((usd / most) * columns)) as [number, number];
    return line(
      at,
      '█'.repeat(whole) + '▒'.repeat(Math.max(0, upTo - whole)),
      `${wholeDollars(fixed + usage)}${withoutParts(notPriced)}`,
    );
  });
  const taking = rows.map(({ first }, at) =>
    line(at, barOf(first, columns), first ? wordsOf(first) : 'nothing gives way'),
  );
  return [
    `${environment}: the bill of every phase, a month (█ fixed, ▒ usage)`,
    ...bills,
    '',
    `${environment}: what is taken of what gives way first (▓ beyond its ceiling)`,
    ...taking,
    '',
  ].join('\n');
}

/** A bar that is full at the ceiling. */
function barOf(first: Bottleneck | undefined, columns: number): string {
  const share = first === undefined ? 0 : taken(first.ceiling);
  return share > 1 ? '▓'.repeat(columns) : '█'.repeat(Math.round(share * columns));
}

function wordsOf({ ceiling, months }: Bottleneck): string {
  const share = taken(ceiling);
  const percent = Number.isFinite(share) ? `${Math.round(share * 100)} %` : 'all';
  return `${percent.padStart(5)}  ${ceiling.tier} ${ceiling.resource}, ${givesWay(months)}`;
}
