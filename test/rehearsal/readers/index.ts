import { COMPUTE_READERS } from './compute';
import { DATA_READERS } from './data';
import { EDGE_READERS } from './edge';
import { KEEPING_READERS } from './keeping';
import { MESSAGE_READERS } from './messages';
import { NETWORK_READERS } from './network';
import type { Reader } from './reader';
import { OTHER_READERS, STORE_READERS } from './stores';
import { WATCHING_READERS } from './watching';

/** How to ask for a resource of each type that our templates hold, whether the engine makes it or not. */
export const READERS: Readonly<Record<string, Reader>> = {
  ...NETWORK_READERS,
  ...COMPUTE_READERS,
  ...DATA_READERS,
  ...EDGE_READERS,
  ...WATCHING_READERS,
  ...KEEPING_READERS,
  ...MESSAGE_READERS,
  ...STORE_READERS,
  ...OTHER_READERS,
};
