import { change, dollars, wholeDollars } from './money';
import type { CostReport, SideReport } from './report';

/** The first line of a bill, or of the difference of two. */
export function headline({ before, after, environment }: CostReport): string {
  const without = withoutParts(Math.max(before?.notPriced.length ?? 0, after.notPriced.length));
  const total = dollars(after.total);
  if (before === undefined) return `${environment}, ${after.title}: ${total} a month${without}`;
  const totals = `${dollars(before.total)} -> ${total} a month (${change(before.total, after.total)})`;
  return `${environment}: ${before.title} -> ${after.title}: ${totals}${without}`;
}

/** ` without 2 parts that have no price`: what stands behind a sum that lacks them. */
export function withoutParts(count: number): string {
  if (count === 0) return '';
  return ` without ${count} ${count === 1 ? 'part that has' : 'parts that have'} no price`;
}

/** Sentences about a bill that text and markdown share. */
export function sentences(report: CostReport): string[] {
  const { after } = report;
  const all = [partsInWords(after), perUnitInWords(after), confidenceInWords(after), pricesInWords(report)];
  return all.filter((words) => words !== '');
}

function pricesInWords({ region, prices }: CostReport): string {
  const age = `${prices.ageDays} day${prices.ageDays === 1 ? '' : 's'} ago`;
  const warning = prices.old ? ': they are old, `npm run prices` reads new ones' : '';
  return `List prices of ${region}, compared with their sources on ${prices.checked}, ${age}${warning}.`;
}

export function partsInWords({ fixed, usage, least, greatest, total }: SideReport): string {
  const range =
    least === greatest
      ? ''
      : `; ${wholeDollars(least)} with fleets and capacity at their least, ${wholeDollars(greatest)} at their greatest`;
  const parts = `Fixed ${dollars(fixed)}, usage ${dollars(usage)}${range}.`;
  return total === 0 ? 'Nothing in it has a price.' : parts;
}

const MEANS = {
  high: 'two sources or a tested copy of the list stand behind all but a twentieth of it',
  medium: 'one good source stands behind a part of it',
  low: 'weak or derived prices stand behind a part of it',
} as const;

export function confidenceInWords({ confidence, notPriced }: SideReport): string {
  const missing =
    notPriced.length === 0
      ? 'all of it is priced, or free by a rule'
      : `${notPriced.length} part${notPriced.length === 1 ? ' is' : 's are'} not priced and not in the total`;
  return `Confidence ${confidence}: ${MEANS[confidence]}; ${missing}. Usage is as sure as \`traffic\`.`;
}

export function perUnitInWords({ perMillionRequests, perThousandConnections }: SideReport): string {
  const parts = [
    ...(perMillionRequests === undefined ? [] : [`${dollars(perMillionRequests)} per million requests`]),
    ...(perThousandConnections === undefined ? [] : [`${dollars(perThousandConnections)} per thousand connections`]),
  ];
  return parts.length === 0 ? '' : `${parts.join(', ')}.`;
}
