import type { Phase } from '../architecture';
import { phase0 } from './0-single-server';
import { phase1 } from './1-decoupled';
import { phase2 } from './2-horizontal';
import { phase3 } from './3-read-heavy';
import { phase4 } from './4-automated';
import { phase5 } from './5-asynchronous';
import { phase6 } from './6-extreme-data';

/** The phases that can be built, in the order of the climb. */
export const PHASES: readonly Phase[] = [phase0, phase1, phase2, phase3, phase4, phase5, phase6];
