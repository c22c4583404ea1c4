import { ACCESS } from './hazards-of-access';
import { ACCOUNTS } from './hazards-of-accounts';
import { CLUSTERS } from './hazards-of-clusters';
import { ENGINES } from './hazards-of-engines';
import { KEYS } from './hazards-of-keys';
import { NAMES } from './hazards-of-names';
import { ONE_UPDATE } from './hazards-of-one-update';
import { OTHERS } from './hazards-of-others';
import { PERMISSIONS } from './hazards-of-permissions';
import { RETENTION, RETENTION_OF_THE_BOX } from './hazards-of-retention';
import { HAZARDS_OF_THE_BOX, STORES } from './hazards-of-stores';
import { GATE } from './hazards-of-the-gate';
import { NETWORK } from './hazards-of-the-network';

/** Planted in production at phase 3. */
export const HAZARDS = [
  ...ENGINES,
  ...CLUSTERS,
  ...STORES,
  ...RETENTION,
  ...ACCESS,
  ...KEYS,
  ...PERMISSIONS,
  ...NETWORK,
  ...GATE,
  ...ONE_UPDATE,
  ...OTHERS,
  ...NAMES,
  ...ACCOUNTS,
];

/** Planted in production at phase 0. */
export const OF_THE_BOX = [...HAZARDS_OF_THE_BOX, ...RETENTION_OF_THE_BOX];
