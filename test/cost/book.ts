import { type PriceBook, priceBook } from '../../lib/cost/price-book';

function bookOf(region: string): PriceBook {
  const book = priceBook(region);
  if (book === undefined) throw new Error(`there are no prices of ${region}`);
  return book;
}

/** The price book of the region that has one. */
export const BOOK = bookOf('us-east-1');
