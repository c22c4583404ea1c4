import { keyOf } from '../../../template/references';
import type { Templates } from '../../../template/template';
import { nameOf } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

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
  const published = [...changes.values()].flatMap(({ type, is, change, effects }) => {
    const name = is?.Properties?.['Name'];
    if (type !== 'AWS::SSM::Parameter' || typeof name !== 'string' || !name.startsWith('/beamstalk/')) return [];
    return change === 'adds' || effects.some(({ property }) => property === 'Value') ? [name] : [];
  });
  if (published.length === 0) return [];
  const readBy = (fleet: string): string[] =>
    published.filter((name) => READS[fleet]?.test(name.split('/').slice(3).join('/')) ?? false);
  const running = Object.entries(after).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([id, { Type }]) => Type === FLEET && before[stack]?.Resources[id] !== undefined)
      .filter(([id]) => !['restarts', 'replaces'].includes(changes.get(keyOf({ stack, id }))?.change ?? ''))
      .map(([id, fleet]) => ({ stack, id, fleet: nameOf(fleet), read: readBy(nameOf(fleet)) }))
      .filter(({ read }) => read.length > 0),
  );
  return running.map(({ stack, id, fleet, read }) => ({
    severity: 'note' as const,
    rule: 'read-at-boot',
    stack,
    id,
    message: `the ${fleet} goes on running, and its nodes read these when they start: ${shortened(read).join(', ')}`,
  }));
}

/** Names of which many are in the same folder: the folder stands for them. */
function shortened(names: readonly string[]): string[] {
  const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('/'));
  return [...new Set(names.map(folderOf))].flatMap((folder) => {
    const inside = names.filter((name) => folderOf(name) === folder);
    return inside.length > 2 ? [`${folder}/*`] : inside;
  });
}

const FLEET = 'AWS::AutoScaling::AutoScalingGroup';

const ANYTHING = /./;

/** What the nodes of a fleet read of what is published, below the environment; a NAT instance reads nothing. */
const READS: Readonly<Record<string, RegExp>> = {
  'single server': ANYTHING,
  'app fleet': ANYTHING,
  'worker fleet': ANYTHING,
  // The proxy: whom it answers for, and whom it asks.
  'web fleet': /^ingress\//,
};
