import { ConfigurationError } from '../../config/configuration-error';
import { DEFAULTS } from '../../config/defaults';
import type { Bill } from '../../cost/bill';
import type { BillChange } from '../../verdict/verdict-schema';
import { type Expected, expectedOf } from '../cost/expected';
import { cents, change, wholeDollars } from '../cost/money';
import type { Side } from './side';

export interface BillChangeProps {
  readonly before: Side;
  readonly after: Side;
  readonly environment: string;
  readonly directory: string;
}

/** Change of the bill by a step, for machines. */
export async function billOfStep({ before, after, ...place }: BillChangeProps): Promise<BillChange> {
  const { billOf } = await import('../../cost/bill');
  const { priceBook } = await import('../../cost/price-book');
  const known = after.traffic === undefined ? before : after;
  const { region, traffic: expected } = await expectedOrDefaults(known, place);
  const book = priceBook(region);
  if (book === undefined) return { region };
  const [was, is] = [before, after].map(({ templates, traffic = expected }) => billOf(templates, traffic, book)) as [
    Bill,
    Bill,
  ];
  return {
    ...{ region, checked: book.checked, before: cents(was.total), after: cents(is.total) },
    change: cents(is.total - was.total),
    notPriced: { before: was.notPriced.length, after: is.notPriced.length },
    confidence: is.confidence,
  };
}

/** The last line of a diff: what the step does to the bill. Undefined when it does nothing to it. */
export async function billChange(props: BillChangeProps): Promise<string | undefined> {
  return billInWords(await billOfStep(props), props);
}

/** The same of what was reckoned. */
export function billInWords(
  bill: BillChange,
  { before, after }: Pick<BillChangeProps, 'before' | 'after'>,
): string | undefined {
  const { region, before: was, after: is, change: difference = 0, notPriced } = bill;
  if (was === undefined || is === undefined || notPriced === undefined) {
    return same(before, after) ? undefined : `The bill is not known: there are no prices of ${region}.`;
  }
  if (difference === 0 && notPriced.before === notPriced.after) return undefined;
  const missing = notPriced.after === 0 ? '' : `, ${notPriced.after} not priced`;
  return `Bill at list prices: ${wholeDollars(was)} -> ${wholeDollars(is)} a month (${change(was, is)})${missing}`;
}

function same(before: Side, after: Side): boolean {
  return JSON.stringify(before.templates) === JSON.stringify(after.templates);
}

/** A diff of two folders asks nothing of the configuration, and does not fail for it. */
async function expectedOrDefaults(
  side: Side,
  { environment, directory }: Pick<BillChangeProps, 'environment' | 'directory'>,
): Promise<Expected> {
  try {
    return await expectedOf(side, environment, { settings: {}, flag: '--set' }, directory);
  } catch (error) {
    if (error instanceof ConfigurationError) return DEFAULTS;
    throw error;
  }
}
