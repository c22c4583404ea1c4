import { NESTED_STACKS } from '../../../template/nested-stacks';
import type { ResourceChange } from '../../changes/comparison';
import type { Step } from '../../rule';
import { isStoppedByGate } from '../deployment/stopped-by-gate';

/** End of a remedy that offers to accept a removal, where an entry of `accepted` would let it through; otherwise empty. */
export function offeredAcceptance(step: Step): (change: Pick<ResourceChange, 'type'>) => string {
  const isStopped = isStoppedByGate(step);
  return ({ type }) =>
    isStopped || NESTED_STACKS.has(type) ? '' : '; if it is really to go, accept that (docs/accepting.md)';
}
