import { COMPUTE_READERS } from './compute';
import { DATA_READERS } from './data';
import { EDGE_READERS } from './edge';
import { NETWORK_READERS } from './network';
import type { Reader } from './reader';

/** How to ask for a resource of each type that our templates hold, whether the engine makes it or not. */
export const READERS: Readonly<Record<string, Reader>> = {
  ...NETWORK_READERS,
  ...COMPUTE_READERS,
  ...DATA_READERS,
  ...EDGE_READERS,
};
