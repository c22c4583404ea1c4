import { judgeSteps } from '../../../climb/climb';
import type { Check } from '../../rule';

/** The rules of the phase gate, told before anything is deployed. */
export const CLIMB_STEP: Check = {
  rules: [
    {
      id: 'climb-step',
      severity: 'refused',
      summary: 'The phase gate would refuse the step between two phases, or asks for a migration first.',
      why: 'A skipped expansion, an unverified migration or a step down retires what still holds data or serves users.',
    },
  ],
  find: ({ before, climb }) => {
    if (climb === undefined || Object.keys(before).length === 0) return [];
    const verdict = judgeSteps(climb);
    if (verdict.severity === 'safe') return [];
    const { severity, message, remedy } = verdict;
    return [{ severity, rule: 'climb-step', message, remedy }];
  },
};
