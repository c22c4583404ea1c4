import type { Phase } from '../architecture';
import { phase0 } from './phase-0';
import { phase1 } from './phase-1';
import { phase2 } from './phase-2';
import { phase3 } from './phase-3';

/** The phases that can be built, in the order of the climb. */
export const PHASES: readonly Phase[] = [phase0, phase1, phase2, phase3];
