import { ConfigurationError } from '../../config/configuration-error';
import { type PriceBook, priceBook, pricedRegions } from '../../cost/price-book';

/**
 * The prices of a region.
 *
 * @param what The thing that needs them, as the message names it: `the bill`
 * @throws ConfigurationError when there are none.
 */
export function bookOf(region: string, what: string): PriceBook {
  const book = priceBook(region);
  if (book !== undefined) return book;
  const allowed = `a region with prices: ${pricedRegions().join(', ')}`;
  const where = `--set region=..., or \`npm run prices -- --region ${region}\`, which reads them from AWS's public list`;
  throw new ConfigurationError(what, [{ key: 'region', received: region, allowed, where }]);
}
