import type { PriceOf } from '../choice';

/** Prices as the search asks for them, US dollars a month. */
export interface Prices {
  /** The whole bill of an architecture. */
  readonly of: PriceOf;
  /** About what one more of each costs, by which options are ranked before their bill is asked for. Undefined: no price. */
  readonly node: (type: string) => number | undefined;
  readonly database: (name: string, zones: 'single' | 'multi') => number | undefined;
  readonly storageGiB: number;
  readonly cacheNode: (name: string) => number | undefined;
}
