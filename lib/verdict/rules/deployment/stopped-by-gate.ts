import type { Step } from '../../rule';
import { CLIMB_STEP } from './climb-step';
import { GATE_INTEGRITY } from './gate-integrity';

const CHECKS = [CLIMB_STEP, GATE_INTEGRITY];

/** Ids of the gate's own rules: while one of them finds something, nothing is accepted. */
export const RULES_OF_THE_GATE: ReadonlySet<string> = new Set(CHECKS.flatMap(({ rules }) => rules.map(({ id }) => id)));

/** True for a step that the phase gate would stop, or that would go around it. */
export function isStoppedByGate(step: Step): boolean {
  return CHECKS.some((check) => check.find(step).length > 0);
}
