import { keyOf } from '../../../template/references';
import type { Templates } from '../../../template/template';
import { nameOf } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';
import { publishedAnew, readByNodesOf, shortened } from './published-parameters';

export const READ_AT_BOOT: Check = {
  rules: [
    {
      id: 'read-at-boot',
      severity: 'note',
      summary: 'A parameter that nodes read at boot changes, and the fleet keeps running.',
      why: 'The running nodes keep the old value until they start again.',
    },
  ],
  find: ({ before, after, changes }) => readAtBoot(changes, before, after),
};

/**
 * Nodes read what is published when they start. What changes there, and what is new there, reaches a fleet that goes on
 * running only when its nodes start again.
 */
export function readAtBoot(
  changes: ReadonlyMap<string, ResourceChange>,
  before: Templates,
  after: Templates,
): Finding[] {
  const published = publishedAnew(changes);
  if (published.length === 0) return [];
  const running = Object.entries(after).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([id, { Type }]) => Type === FLEET && before[stack]?.Resources[id] !== undefined)
      .filter(([id]) => !['restarts', 'replaces'].includes(changes.get(keyOf({ stack, id }))?.change ?? ''))
      .map(([id, fleet]) => ({ stack, id, fleet: nameOf(fleet), read: readByNodesOf(fleet, published) }))
      .filter(({ read }) => read.length > 0),
  );
  return running.map(({ stack, id, fleet, read }) => ({
    severity: 'note' as const,
    rule: 'read-at-boot',
    stack,
    id,
    message: `the ${fleet} goes on running, and its nodes read these when they start: ${shortened(read)}`,
  }));
}

const FLEET = 'AWS::AutoScaling::AutoScalingGroup';
