import type { Prices } from '../../capacity/size/prices';
import { outlineOf } from '../../cost/outline/outline';
import { amountOf, type PriceBook } from '../../cost/price-book';
import { billOfResolved } from '../../cost/resolved-bill';

const HOURS = 730;

/** About what a node costs beside its instance: root volume, seven metrics, logs and its way out. */
const BESIDE_A_NODE = 4;

/** The prices of a book as the search for a size asks for them. */
export function pricesOf(book: PriceBook): Prices {
  const monthly = (id: string): number | undefined => {
    const price = book.price(id);
    return price && amountOf(price, HOURS);
  };
  return {
    of: (architecture, traffic) => {
      const { total, notPriced } = billOfResolved(outlineOf(architecture), traffic, book);
      return { usd: total, notPriced: notPriced.length };
    },
    node: (type) => {
      const instance = monthly(`ec2.${type}`);
      return instance === undefined ? undefined : instance + BESIDE_A_NODE;
    },
    database: (name, zones) => monthly(`rds.${name}.${zones}`),
    storageGiB: (monthly('rds.gp3.single') ?? 0) / HOURS,
    cacheNode: (name) => monthly(`cache.valkey.${name}`),
  };
}
