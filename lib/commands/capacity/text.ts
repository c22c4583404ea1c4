import type { Asymmetry } from '../../capacity/asymmetry/asymmetries';
import type { Bottleneck, Capacity } from '../../capacity/capacity';
import { type Ceiling, monthsLeft, taken } from '../../capacity/ceiling';
import type { Fit } from '../../capacity/models/scalability';
import type { Relief } from '../../capacity/relief';
import { amount, inOneLine } from '../../capacity/size/in-one-line';
import type { Traffic } from '../../config/traffic-settings';
import { cents } from '../cost/money';
import { outgrownAsText } from '../diff/outgrown';
import { table } from '../table';
import { bottleneckAsJson, ceilingAsJson } from './as-json';
import { reliefInWords } from './relief-in-words';

export interface CapacityReport extends Capacity {
  readonly environment: string;
  readonly title: string;
  readonly traffic: Traffic;
  readonly first?: Bottleneck;
  readonly relief?: Relief;
  /** True when there are prices of the region, by which reliefs are compared. */
  readonly isPriced: boolean;
  readonly fit?: Fit;
}

/** Renders what an architecture carries for people: a line for each ceiling, the first bottleneck above them. */
export function capacityAsText(report: CapacityReport): string {
  const { environment, title, ceilings, load, first, fit } = report;
  const ordinary = ceilings.filter(({ event }) => event === undefined);
  const events = ceilings.filter(({ event }) => event !== undefined);
  const months = (ceiling: Ceiling): string => {
    const left = monthsLeft(ceiling, load.growth);
    return left === 0 ? 'now' : Number.isFinite(left) ? String(left) : 'never';
  };
  const row = (ceiling: Ceiling): string[] => {
    const { tier, resource, unit, basis, event } = ceiling;
    const of = `${amount(ceiling.load)} of ${amount(ceiling.most)}${unit === '' ? '' : ` ${unit}`}`;
    const share = taken(ceiling);
    const percent = Number.isFinite(share) ? `${Math.round(share * 100)} %` : 'all';
    return [tier, event === undefined ? resource : `${resource}, ${event}`, of, percent, months(ceiling), basis];
  };
  const heads = ['tier', 'resource', 'load of ceiling', 'taken', 'months left', 'basis'];
  return [
    `${environment}: ${title}`,
    ...(first === undefined ? [] : bottleneckLines(first, report)),
    ...(fit === undefined
      ? []
      : [`  A load test sets the CPU of a request; its law explains ${amount(fit.explained * 100)} % of it.`]),
    '',
    `${table(heads, [...ordinary, ...events].map(row))}`,
  ].join('\n');
}

function cheapestRelief(relief: Relief | undefined, isPriced: boolean): string {
  if (!isPriced) return 'not known, as there are no prices of the region';
  if (relief === undefined) return 'none that one change would bring';
  const choice = Object.entries(relief.choice).map(([key, value]) => `${key}=${value}`);
  return `${choice.join(' ')}, ${reliefInWords(relief)}`;
}

function bottleneckLines(
  { ceiling, headroom, months }: Bottleneck,
  { relief, isPriced }: Pick<CapacityReport, 'relief' | 'isPriced'>,
): string[] {
  const when = months === 0 ? 'today' : Number.isFinite(months) ? `in month ${months + 1}` : 'never, without growth';
  const state = headroom < 0 ? 'passed' : `${Math.floor(headroom * 100)} % free`;
  return [
    `  first bottleneck: ${inOneLine(ceiling)}, ${state}; it gives way ${when}`,
    `  ${ceiling.why} (${ceiling.basis})`,
    `  cheapest relief: ${cheapestRelief(relief, isPriced)}`,
  ];
}

export function capacityAsJson({
  environment,
  title,
  traffic,
  ceilings,
  load,
  first,
  relief,
  fit,
}: CapacityReport): string {
  const report = {
    version: 1,
    environment,
    title,
    traffic,
    ceilings: ceilings.map((one) => ceilingAsJson(one, load.growth)),
    bottleneck: first && bottleneckAsJson(first),
    relief: relief && { ...relief, usd: cents(relief.usd) },
    fit,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Renders what a folder of templates lets outgrow what it depends on. */
export function outgrownReport(folder: string, found: readonly Asymmetry[]): string {
  return found.length === 0
    ? `${folder}: nothing that scales may outgrow what it depends on, as far as the templates say\n`
    : `${folder}\n${outgrownAsText(found)}`;
}
