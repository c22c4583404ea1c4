import type { Traffic } from '../config/traffic-settings';
import type { Place } from '../template/references';
import type { Templates } from '../template/template';
import { whyFree } from './free';
import { type Item, type Part, type Rules, TIERS, type Tier } from './item';
import { amountOf, type Confidence, type Price, type PriceBook } from './price-book';
import { COMPUTE } from './rules/compute';
import { DATABASES } from './rules/databases';
import { usageOfAll } from './rules/environment';
import { NETWORK } from './rules/network';
import { OPERATIONS } from './rules/operations';
import { STORES } from './rules/stores';
import { type Found, Survey } from './survey';

const RULES: Rules = { ...COMPUTE, ...NETWORK, ...DATABASES, ...STORES, ...OPERATIONS };

/** One line of a bill: a quantity at a price. */
export interface Line extends Omit<Item, 'price' | 'range'> {
  /** Resource that it is for; left out, the templates as a whole. */
  readonly place?: Place;
  readonly price: Price;
  /** US dollars a month, not rounded. */
  readonly usd: number;
  /** US dollars with fleets and capacity at their least, and at their greatest. */
  readonly range: readonly [number, number];
}

/** A resource, or a part of one, that the total does not hold. */
export interface NotPriced extends Place {
  readonly type: string;
  readonly why: string;
}

/** A resource that does not do for what the bill reckons with. */
export interface Note extends Place {
  readonly type: string;
  readonly note: string;
}

/** Cost of a set of templates in a month of 730 hours, US dollars, at list prices. */
export interface Bill {
  readonly region: string;
  /** Day on which the prices were compared with their sources. */
  readonly checked: string;
  readonly lines: readonly Line[];
  readonly notPriced: readonly NotPriced[];
  readonly notes: readonly Note[];
  readonly total: number;
  readonly fixed: number;
  readonly usage: number;
  /** Total with fleets and capacity at their least, and at their greatest. */
  readonly range: readonly [number, number];
  readonly tiers: readonly TierCost[];
  /** Confidence of the prices that all but a twentieth of the total rests on. */
  readonly confidence: Confidence;
}

export interface TierCost {
  readonly tier: Tier;
  readonly fixed: number;
  readonly usage: number;
}

/**
 * The bill of resolved templates, from their resources and the traffic that is expected. A resource of a type that neither
 * a price nor a rule covers is listed in `notPriced`, and so is one whose price is missing.
 */
export function billOfResolved(templates: Templates, traffic: Traffic, book: PriceBook): Bill {
  const survey = new Survey(templates, traffic);
  const lines: Line[] = [];
  const notPriced: NotPriced[] = [];
  const notes: Note[] = [];
  const add = (part: Part, found?: Found): void => {
    if ('remark' in part) {
      const { stack = '', id = '', resource } = found ?? {};
      notes.push({ stack, id, type: resource?.Type ?? 'usage', note: part.remark });
      return;
    }
    const line = 'unknown' in part ? part.unknown : lineOf(part, book, found);
    if (typeof line !== 'string') {
      if (line.usd > 0 || line.range[1] > 0) lines.push(line);
    } else if (found !== undefined) {
      notPriced.push({ stack: found.stack, id: found.id, type: found.resource.Type, why: line });
    } else {
      notPriced.push({ stack: '', id: '', type: 'usage', why: line });
    }
  };
  for (const found of survey.all()) {
    const rule = RULES[found.resource.Type];
    if (rule !== undefined) {
      for (const part of rule({ ...found, survey, traffic })) add(part, found);
    } else if (whyFree(found.resource.Type) === undefined) {
      add({ unknown: 'no price and no rule covers this type' }, found);
    }
  }
  for (const item of usageOfAll(survey, traffic)) add(item);
  return { region: book.region, checked: book.checked, lines, notPriced, notes, ...totals(lines) };
}

/** True when a bill covers a type: by a price, or by the rule that it is free. */
export function isCovered(type: string): boolean {
  return RULES[type] !== undefined || whyFree(type) !== undefined;
}

function lineOf({ price: id, range, ...item }: Item, book: PriceBook, found?: Found): Line | string {
  const price = book.price(id);
  if (price === undefined) return `there is no price ${id} for ${book.region} (${item.what})`;
  const [least, most] = range ?? [item.quantity, item.quantity];
  return {
    ...item,
    ...(found !== undefined && { place: { stack: found.stack, id: found.id } }),
    price,
    usd: amountOf(price, item.quantity),
    range: [amountOf(price, least), amountOf(price, most)],
  };
}

function totals(lines: readonly Line[]): Pick<Bill, 'total' | 'fixed' | 'usage' | 'range' | 'tiers' | 'confidence'> {
  const sum = (some: readonly Line[], of: (line: Line) => number): number =>
    some.reduce((all, line) => all + of(line), 0);
  const usdOf = ({ usd }: Line): number => usd;
  const [fixed, usage] = (['fixed', 'usage'] as const).map((kind) => lines.filter((line) => line.kind === kind)) as [
    Line[],
    Line[],
  ];
  const tiers = TIERS.map((tier) => ({
    tier,
    fixed: sum(
      fixed.filter((line) => line.tier === tier),
      usdOf,
    ),
    usage: sum(
      usage.filter((line) => line.tier === tier),
      usdOf,
    ),
  })).filter((one) => one.fixed + one.usage > 0);
  return {
    total: sum(lines, usdOf),
    fixed: sum(fixed, usdOf),
    usage: sum(usage, usdOf),
    range: [sum(lines, ({ range }) => range[0]), sum(lines, ({ range }) => range[1])],
    tiers,
    confidence: confidenceOf(lines),
  };
}

/** Share of a total that may rest on less sure prices without making the whole less sure. */
const NEGLIGIBLE = 0.05;

function confidenceOf(lines: readonly Line[]): Confidence {
  const total = lines.reduce((sum, { usd }) => sum + usd, 0);
  const resting = (levels: readonly Confidence[]): number =>
    lines.filter(({ price }) => levels.includes(price.confidence)).reduce((sum, { usd }) => sum + usd, 0);
  if (resting(['low']) > total * NEGLIGIBLE) return 'low';
  return resting(['medium', 'low']) > total * NEGLIGIBLE ? 'medium' : 'high';
}
