import { holds } from '../../../template/stateful';
import { replicasOf } from '../../../template/table-replicas';
import type { TemplateResource } from '../../../template/template';
import type { Finding } from '../../finding';
import type { Guard } from './guard';
import { GUARD_LISTS, GUARDS_AROUND_DATA } from './guards-around-data';
import { GUARDS_OF_DATA } from './guards-of-data';

const GUARDS = [...GUARDS_OF_DATA, ...GUARDS_AROUND_DATA];

/** A guard cut to less than this part counts as removed. */
const STRONG_CUT = 1 / 3;

function guardsFor(resource: TemplateResource): readonly Guard[] {
  const data = holds(resource) !== undefined;
  return GUARDS.filter(({ types }) => (types === undefined ? data : types.includes(resource.Type)));
}

/** Guards of the data in a resource, in words; empty without any. */
export function guardsOf(resource: TemplateResource): string[] {
  const own = guardsFor(resource).flatMap(({ level, says }) => (says && level(resource) > 0 ? [says(resource)] : []));
  const [first = [], ...others] = [...replicasOf(resource).values()].map(guardsOf);
  return [...own, ...first.filter((guard) => others.every((guards) => guards.includes(guard)))];
}

type Weakness = Pick<Finding, 'severity' | 'rule' | 'message' | 'remedy'>;

/** Guards that a change takes away, or leaves weaker than they were. */
export function weakened(was: TemplateResource, is: TemplateResource): Weakness[] {
  const lists = GUARD_LISTS.filter(({ types }) => types.includes(was.Type)).flatMap(({ name, entries, exceptions }) => {
    const [had, has] = exceptions ? [entries(is), entries(was)] : [entries(was), entries(is)];
    return had.filter((entry) => !has.includes(entry)).map((entry) => dropped(`${name}: ${entry}`));
  });
  return [...guardsFor(was).flatMap((guard) => weakness(guard, was, is)), ...lists, ...weakenedReplicas(was, is)];
}

function weakenedReplicas(was: TemplateResource, is: TemplateResource): Weakness[] {
  const after = replicasOf(is);
  return [...replicasOf(was)].flatMap(([region, replica]) => {
    const same = after.get(region);
    const all = same === undefined ? [] : weakened(replica, same);
    return all.map((one) => ({ ...one, message: `in ${region} ${one.message}` }));
  });
}

function weakness({ name, level, soft, copies }: Guard, was: TemplateResource, is: TemplateResource): Weakness[] {
  const [before, after] = [level(was), level(is)];
  if (Number.isNaN(before) || after >= before) return [];
  if (Number.isNaN(after)) {
    if (before === 0) return [];
    const message = `${name}: ${before === 1 ? 'on' : before} before, and what it is now only CloudFormation knows`;
    return [{ severity: 'note', rule: 'guard-weaker', message }];
  }
  if (after === 0) {
    return soft ? [{ severity: 'note', rule: 'guard-dropped', message: `loses ${name}` }] : [dropped(name)];
  }
  const message = `${name}: weaker than before (${before} to ${after})`;
  if (soft || after / before >= STRONG_CUT) return [{ severity: 'note', rule: 'guard-weaker', message }];
  return [
    copies
      ? {
          severity: 'needs-migration',
          rule: 'guard-weaker',
          message: `${message}; what is older is deleted at once`,
          remedy: 'copy first what may still be wanted back, such as to a snapshot of its own',
        }
      : { severity: 'refused', rule: 'guard-weaker', message, remedy: 'keep it, or lower it in small steps' },
  ];
}

function dropped(what: string): Weakness {
  return {
    severity: 'refused',
    rule: 'guard-dropped',
    message: `loses ${what}`,
    remedy: 'keep it; what is really meant to go is first copied elsewhere',
  };
}
