import { keyOf, type Place, placeOf } from '../../../template/references';
import type { TemplateResource, Templates } from '../../../template/template';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';

const SOURCE = 'https://github.com/aws/aws-cdk/issues/16356';
const HOOK = 'AWS::AutoScaling::LifecycleHook';
const GROUP = 'AWS::AutoScaling::AutoScalingGroup';

export const HOOK_AFTER_NODES: Check = {
  rules: [
    {
      id: 'hook-after-nodes',
      severity: 'needs-migration',
      summary: 'A launch hook is made in the deployment that starts the nodes it should hold back.',
      why: 'A hook that is a resource of its own refers to its group and is made after it: the new nodes count as in service before they have booted.',
      source: SOURCE,
    },
  ],
  find: hooksAfterNodes,
};

function hooksAfterNodes({ changes, after }: Step): Finding[] {
  return [...lateHooks(changes, after)].flatMap(([key, hook]): Finding[] => {
    const group = changes.get(key);
    if (group?.is === undefined) return [];
    const refreshed = isRefreshed(group.is) && group.change !== 'adds';
    return [
      {
        // A rolling update may wait for signals instead, and nobody is served by the nodes of a new group yet.
        severity: refreshed ? 'needs-migration' : 'note',
        rule: 'hook-after-nodes',
        stack: group.stack,
        id: group.id,
        message: `its nodes start before the hook ${hook.id} is made, and count as in service before they have booted`,
        remedy:
          'put the hook into the group (LifecycleHookSpecificationList), or make it with one deployment and exchange nodes with the next',
        source: SOURCE,
      },
    ];
  });
}

/** Launch hooks that are made after the nodes of their group have been exchanged or started, by the place of the group. */
function lateHooks(changes: ReadonlyMap<string, ResourceChange>, after: Templates): ReadonlyMap<string, Place> {
  const late = new Map<string, Place>();
  for (const { stack, id, type, change, is } of changes.values()) {
    if (type !== HOOK || change !== 'adds' || !/LAUNCHING$/.test(String(is?.Properties?.['LifecycleTransition'])))
      continue;
    const group = placeOf(is?.Properties?.['AutoScalingGroupName'], stack, after);
    const moves = group && changes.get(keyOf(group))?.change;
    if (group !== undefined && (moves === 'restarts' || moves === 'replaces' || moves === 'adds')) {
      late.set(keyOf(group), { stack, id });
    }
  }
  return late;
}

/** Interruption when a fleet's nodes are replaced before the lifecycle hook that drains them is created. */
export function exchangedUnheld(
  { stack, id, type, is }: ResourceChange,
  changes: ReadonlyMap<string, ResourceChange>,
  after: Templates,
): string | undefined {
  if (type !== GROUP || is === undefined || !isRefreshed(is) || !lateHooks(changes, after).has(keyOf({ stack, id }))) {
    return undefined;
  }
  return 'fewer nodes that serve meanwhile: new ones count as in service before they have booted, and old ones leave';
}

/** True when a group has an inline hook that delays the termination of its nodes. */
export function drainsByItself({ Properties = {} }: TemplateResource): boolean {
  const hooks = Properties['LifecycleHookSpecificationList'];
  return (
    Array.isArray(hooks) &&
    hooks.some((hook) => /TERMINATING$/.test(String((hook as { LifecycleTransition?: unknown }).LifecycleTransition)))
  );
}

function isRefreshed(group: TemplateResource): boolean {
  return (
    (group['UpdatePolicy'] as { AutoScalingInstanceRefresh?: unknown } | undefined)?.AutoScalingInstanceRefresh !==
    undefined
  );
}
