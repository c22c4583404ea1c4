import { keyOf, type Place, referencesIn } from '../../../template/references';
import type { Template } from '../../../template/template';
import { nameOf } from '../../../template/type-names';
import { deploymentOrder } from '../../changes/deployment-order';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';
import { type Published, publishedAnew, readByNodesOf, shortened } from './published-parameters';

export const PUBLISHED_AFTER_BOOT: Check = {
  rules: [
    {
      id: 'published-after-boot',
      severity: 'needs-migration',
      summary: 'Nodes are exchanged before a parameter is published that they read at boot.',
      why: 'They boot without it, and go on without it until somebody exchanges them again.',
    },
  ],
  find: publishedAfterBoot,
};

function publishedAfterBoot({ before, after, changes }: Step): Finding[] {
  const published = publishedAnew(changes);
  if (published.length === 0) return [];
  const order = deploymentOrder(before, after, new Set()).map(({ stack }) => stack);
  return [...changes.values()].flatMap(({ stack, id, type, change, is }): Finding[] => {
    if (type !== 'AWS::AutoScaling::AutoScalingGroup' || is === undefined || !STARTS.has(change)) return [];
    const earlier = new Set(neededBy({ stack, id }, after[stack]).map((own) => keyOf({ stack, id: own })));
    const isLate = (one: Published): boolean =>
      one.stack === stack ? !earlier.has(keyOf(one)) : order.indexOf(one.stack) > order.indexOf(stack);
    const late = readByNodesOf(is, published).filter(isLate);
    if (late.length === 0) return [];
    return [
      {
        // In the same stack it may turn out well.
        severity: late.some((one) => one.stack !== stack) ? 'needs-migration' : 'note',
        rule: 'published-after-boot',
        stack,
        id,
        message: `nodes of the ${nameOf(is)} boot before these are published, which they read at boot: ${shortened(late)}`,
        remedy: 'publish them in a stack that comes before, or exchange the nodes once more afterwards',
      },
    ];
  });
}

/** Changes of a group that boot nodes. */
const STARTS: ReadonlySet<string> = new Set(['adds', 'restarts', 'replaces']);

/** Everything in its own stack that CloudFormation makes or updates before a resource. */
function neededBy({ id }: Place, template: Template | undefined): string[] {
  const resources = template?.Resources ?? {};
  const found = new Set<string>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { DependsOn = [], Properties } = resources[next] ?? { Type: '' };
    const named = referencesIn(Properties).flatMap((one) => (one.kind === 'resource' ? [one.id] : []));
    for (const other of [...([DependsOn].flat() as string[]), ...named]) {
      if (resources[other] === undefined || found.has(other)) continue;
      found.add(other);
      queue.push(other);
    }
  }
  return [...found];
}
