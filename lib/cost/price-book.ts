import { findInstanceType, INSTANCE_PRICES } from '../facts/instance-type';
import prices from '../facts/prices.json';

/**
 * Sureness of a price: `high` has two independent sources or a tested copy of AWS's list, `medium` has one good source,
 * `low` is weak or derived.
 */
export type Confidence = 'high' | 'medium' | 'low';

/** One row of the price book. */
export interface Price {
  /** Name by which rules ask for it, for example `vpc.nat`. */
  readonly id: string;
  readonly service: string;
  readonly item: string;
  /** Unit that the price is of, for example `GB-month`, or `requests` with `per` 10,000. */
  readonly unit: string;
  readonly per: number;
  /** US dollars for `per` units, from a quantity a month on. The first begins at 0. */
  readonly tiers: readonly PriceTier[];
  readonly confidence: Confidence;
  /** Date of the newest source: ISO 8601, or `undated`. */
  readonly date: string;
  readonly source: string;
}

export interface PriceTier {
  readonly from: number;
  readonly usd: number;
}

/** A price as `lib/facts/prices.json` has it. */
export interface PriceRow {
  readonly id: string;
  readonly region: string;
  readonly service: string;
  readonly item: string;
  readonly unit: string;
  readonly per?: number;
  readonly usd?: number | null;
  readonly tiers?: readonly PriceTier[];
  readonly confidence: string;
  readonly sources: readonly { readonly where: string; readonly date: string }[];
  readonly note?: string;
  /** Place in AWS's public price list, as far as it is known: see `price-list.ts`. */
  readonly list?: {
    readonly offer: string;
    readonly usage: string;
    readonly attributes?: Readonly<Record<string, string>>;
  };
}

export const PRICE_ROWS = prices.rows as readonly PriceRow[];

/** The prices of one region. */
export interface PriceBook {
  readonly region: string;
  /** Day on which the rows were compared with their sources: ISO 8601. */
  readonly checked: string;
  /** A price by its id; those of EC2 instances are `ec2.<type>`. Undefined without one. */
  readonly price: (id: string) => Price | undefined;
}

/** Age from which prices are warned of, days. Assumed: AWS changes a price of the book about once a year. */
export const OLD_AFTER_DAYS = 180;

const DAY = 86_400_000;

/** The book of a region, or undefined when it has no price there. */
export function priceBook(
  region: string,
  rows: readonly PriceRow[] = PRICE_ROWS,
  checked: string = prices.checked,
): PriceBook | undefined {
  const byId = new Map(rows.filter((row) => row.region === region).map((row) => [row.id, row]));
  if (byId.size === 0) return undefined;
  const known = new Map<string, Price | undefined>();
  const price = (id: string): Price | undefined => {
    if (!known.has(id)) {
      const row = byId.get(id);
      known.set(id, row === undefined ? instancePrice(id, region) : priceOf(row));
    }
    return known.get(id);
  };
  return { region, checked, price };
}

/** Regions that have a book. */
export function pricedRegions(rows: readonly PriceRow[] = PRICE_ROWS): string[] {
  return [...new Set(rows.map(({ region }) => region))];
}

/** Days since the book was compared with its sources. */
export function ageInDays({ checked }: PriceBook, today: string): number {
  return Math.max(0, Math.floor((Date.parse(today) - Date.parse(checked)) / DAY));
}

/** US dollars for a quantity, at what each part of it costs. */
export function amountOf({ tiers, per }: Price, quantity: number): number {
  return tiers.reduce((sum, { from, usd }, index) => {
    const end = tiers[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return sum + (Math.max(0, Math.min(quantity, end) - from) / per) * usd;
  }, 0);
}

function priceOf(row: PriceRow): Price | undefined {
  const { id, service, item, unit, per = 1, usd, sources } = row;
  const tiers = row.tiers ?? (typeof usd === 'number' ? [{ from: 0, usd }] : []);
  if (tiers.length === 0) return undefined;
  const dates = sources.map(({ date }) => date).filter((date) => /^\d/.test(date));
  const date = dates.sort().at(-1) ?? 'undated';
  const source = sources.map(({ where }) => where).join('; ');
  return { id, service, item, unit, per, tiers, confidence: row.confidence as Confidence, date, source };
}

/** Prices of EC2 are in the catalogue of instance types, which has one source. */
function instancePrice(id: string, region: string): Price | undefined {
  const type = id.startsWith('ec2.') ? findInstanceType(id.slice('ec2.'.length)) : undefined;
  if (type === undefined || region !== INSTANCE_PRICES.region) return undefined;
  const { date, source } = INSTANCE_PRICES;
  const tiers = [{ from: 0, usd: type.usdPerHour }];
  return {
    ...{ id, service: 'EC2', item: `${type.name}, Linux`, unit: 'instance-hour', per: 1, tiers },
    ...{ confidence: 'medium' as const, date, source },
  };
}
