import type { Traffic } from '../config/traffic-settings';
import { resolved } from '../template/resolve';
import type { Templates } from '../template/template';
import type { PriceBook } from './price-book';
import { type Bill, billOfResolved } from './resolved-bill';

export { type Bill, isCovered, type Line, type Note, type NotPriced, type TierCost } from './resolved-bill';

/** The bill of a set of templates as they are written: see `billOfResolved`. */
export function billOf(templates: Templates, traffic: Traffic, book: PriceBook): Bill {
  return billOfResolved(allResolved(templates), traffic, book);
}

/** Every template with all that can be known of it carried out. */
export function allResolved(templates: Templates): Templates {
  return Object.fromEntries(Object.entries(templates).map(([stack, template]) => [stack, resolved(template)] as const));
}
