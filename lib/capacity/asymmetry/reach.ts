import { keyOf, placeOf } from '../../template/references';
import type { Templates } from '../../template/template';
import { isTree, type Tree } from '../../template/values';

/** Security groups that one may enter another by, as keys of their places. */
export type Reach = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Security groups by whose rules another group may be reached: group that is entered -> groups that may enter. A rule that
 * lets addresses in names no consumer, and is left out.
 */
export function reachOf(templates: Templates): Reach {
  const reach = new Map<string, Set<string>>();
  const note = (entered: unknown, entering: unknown, stack: string): void => {
    const [to, from] = [placeOf(entered, stack, templates), placeOf(entering, stack, templates)];
    if (to === undefined || from === undefined) return;
    const known = reach.get(keyOf(to)) ?? new Set();
    reach.set(keyOf(to), known.add(keyOf(from)));
  };
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const [id, { Type, Properties = {} }] of Object.entries(Resources)) {
      if (Type === 'AWS::EC2::SecurityGroupIngress')
        note(Properties['GroupId'], Properties['SourceSecurityGroupId'], stack);
      if (Type !== 'AWS::EC2::SecurityGroup') continue;
      for (const rule of treesIn(Properties['SecurityGroupIngress']))
        note({ Ref: id }, rule['SourceSecurityGroupId'], stack);
    }
  }
  return reach;
}

/** Places of the security groups that a list names. */
export function groupsIn(list: unknown, stack: string, templates: Templates): string[] {
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  return entries.flatMap((entry) => {
    const place = placeOf(entry, stack, templates);
    return place === undefined ? [] : [keyOf(place)];
  });
}

/** The objects of a list, or of one that stands for a list. */
export function treesIn(value: unknown): readonly Tree[] {
  return (Array.isArray(value) ? value : [value]).filter(isTree);
}
