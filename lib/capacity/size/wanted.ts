import type { Configuration } from '../../config/configuration';
import type { Event } from '../ceiling';
import type { Choice } from '../choice';
import type { Work } from '../measured';
import type { Catalogue } from './catalogue';
import type { Prices } from './prices';

/** Everything that a size is asked for by. */
export interface Wanted {
  /** The configuration that the answer changes: its traffic is what has to be carried. */
  readonly configuration: Configuration;
  /** Share of every ceiling that is to stay free, from 0 to below 1. */
  readonly headroom: number;
  readonly survive: readonly Event[];
  readonly work: Work;
  readonly catalogue: Catalogue;
  readonly prices: Prices;
  /** Left out, both are looked at. */
  readonly ingress?: 'http' | 'sockets';
}

/** One size of one tier. */
export interface Option {
  readonly choice: Choice;
  /** About what it costs a month. */
  readonly rank: number;
}

/** A tier that no size carries: the ceiling that the best of them does not reach. */
export interface Impossible {
  readonly why: string;
}

export function isPossible<One>(options: readonly One[] | Impossible): options is readonly One[] {
  return !('why' in options);
}
