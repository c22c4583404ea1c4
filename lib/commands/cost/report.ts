import type { Traffic } from '../../config/traffic-settings';
import type { Bill, Line, Note, NotPriced, TierCost } from '../../cost/bill';
import { cheaper } from '../../cost/cheaper';
import { TIERS } from '../../cost/item';
import type { Confidence } from '../../cost/price-book';
import { cents } from './money';

/** The bill of one architecture, as `--json` prints it. Money is in US dollars a month, in whole cents. */
export interface SideReport {
  readonly title: string;
  readonly total: number;
  readonly fixed: number;
  readonly usage: number;
  readonly least: number;
  readonly greatest: number;
  readonly confidence: Confidence;
  /** The whole over the requests; left out without any. */
  readonly perMillionRequests?: number;
  readonly perThousandConnections?: number;
  readonly traffic: Traffic;
  readonly tiers: readonly TierCost[];
  readonly lines: readonly LineReport[];
  readonly dearest: readonly Dear[];
  readonly notPriced: readonly NotPriced[];
  /** Resources that do not do for the traffic that the bill reckons with. */
  readonly notes: readonly Note[];
}

export interface LineReport {
  readonly tier: string;
  readonly kind: 'fixed' | 'usage';
  readonly what: string;
  readonly stack?: string;
  readonly id?: string;
  readonly quantity: number;
  readonly unit: string;
  readonly price: string;
  readonly usd: number;
  readonly confidence: Confidence;
  readonly priceDate: string;
}

/** Like lines together, and what would make them cheaper. */
export interface Dear {
  readonly what: string;
  readonly usd: number;
  readonly cheaper: string;
}

export interface CostReport {
  readonly version: 1;
  readonly environment: string;
  readonly region: string;
  readonly prices: { readonly checked: string; readonly ageDays: number; readonly old: boolean };
  /** The architecture before, when two are compared. */
  readonly before?: SideReport;
  readonly after: SideReport;
  readonly change?: { readonly total: number; readonly tiers: readonly TierChange[] };
}

export interface TierChange {
  readonly tier: string;
  readonly before: number;
  readonly after: number;
}

const MOST_DEAR = 5;

export function sideReport(title: string, bill: Bill, traffic: Traffic): SideReport {
  const { total, fixed, usage, range, confidence, tiers, lines, notPriced, notes } = bill;
  const per = (count: number, unit: number): number | undefined =>
    count === 0 ? undefined : cents((total / count) * unit);
  const requests = per(traffic.requestsPerMonth, 1_000_000);
  const connections = per(traffic.connections, 1000);
  return {
    ...{ title, total: cents(total), fixed: cents(fixed), usage: cents(usage) },
    ...{ least: cents(range[0]), greatest: cents(range[1]), confidence },
    ...(requests !== undefined && { perMillionRequests: requests }),
    ...(connections !== undefined && { perThousandConnections: connections }),
    traffic,
    tiers: tiers.map((one) => ({ tier: one.tier, fixed: cents(one.fixed), usage: cents(one.usage) })),
    lines: [...lines].sort((a, b) => b.usd - a.usd).map(lineReport),
    dearest: dearest(lines),
    ...{ notPriced, notes },
  };
}

function lineReport({ place, price, usd, tier, kind, what, quantity }: Line): LineReport {
  return {
    ...{ tier, kind, what, ...place, quantity: Number(quantity.toPrecision(12)), unit: price.unit, price: price.id },
    ...{ usd: cents(usd), confidence: price.confidence, priceDate: price.date },
  };
}

/** The most expensive lines; those of one price for one thing, such as three gateways, count together. */
export function dearest(lines: readonly Line[]): Dear[] {
  const groups = new Map<string, [Line, ...Line[]]>();
  for (const line of lines) {
    const key = `${line.price.id} ${line.what}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [line]);
    else known.push(line);
  }
  return [...groups.values()]
    .map((alike) => {
      const [{ what, price, place }] = alike;
      const usd = alike.reduce((sum, line) => sum + line.usd, 0);
      const where = place === undefined || alike.length > 1 ? '' : ` (${place.stack})`;
      const words = `${alike.length > 1 ? `${alike.length} x ` : ''}${what}${where}`;
      return { what: words, usd: cents(usd), cheaper: cheaper({ price, usd }) };
    })
    .sort((a, b) => b.usd - a.usd)
    .slice(0, MOST_DEAR);
}

/** Costs of each tier on both sides, those of neither left out. */
export function tierChanges(before: SideReport, after: SideReport): TierChange[] {
  const sum = ({ tiers }: SideReport, tier: string): number =>
    tiers.filter((one) => one.tier === tier).reduce((all, one) => all + one.fixed + one.usage, 0);
  const there = new Set([...before.tiers, ...after.tiers].map(({ tier }) => tier));
  return TIERS.filter((tier) => there.has(tier)).map((tier) => ({
    tier,
    before: cents(sum(before, tier)),
    after: cents(sum(after, tier)),
  }));
}
