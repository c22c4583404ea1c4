import type { Check } from '../observation';
import { checkCache } from './cache';
import { checkDatabase } from './database';
import { checkEdge } from './edge';
import { checkFleets } from './fleets';
import { checkIngress } from './ingress';
import { checkNames } from './names';
import { checkNetwork } from './network';
import { checkOperations } from './operations';
import { checkParameters } from './parameters';
import { checkQueues } from './queues';
import { checkSecrets } from './secrets';
import { checkSecurityGroups } from './security-groups';
import { checkStacks } from './stacks';
import { checkStorage } from './storage';
import { checkTables } from './tables';

/** What is read back after every phase. */
export const CHECKS: readonly Check[] = [
  checkStacks,
  checkNetwork,
  checkSecurityGroups,
  checkFleets,
  checkStorage,
  checkDatabase,
  checkCache,
  checkSecrets,
  checkParameters,
  checkIngress,
  checkEdge,
  checkNames,
  checkQueues,
  checkTables,
  checkOperations,
];
