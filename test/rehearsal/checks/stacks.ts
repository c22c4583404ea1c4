import type { Check } from '../observation';

/** Stacks finished; the one with data cannot be deleted by accident. */
export const checkStacks: Check = ({ stacks, architecture }, evidence) => {
  for (const { name, status } of stacks) {
    evidence.holds(`stack ${name} ended as ${status}`, ['CREATE_COMPLETE', 'UPDATE_COMPLETE'].includes(status));
  }
  const guarded = stacks.filter(({ terminationProtection }) => terminationProtection).map(({ name }) => name);
  evidence.holds(
    'the stack with data has no termination protection',
    guarded.includes(`${architecture.environment}-data`),
  );
};
