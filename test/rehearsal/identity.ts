import { isDeepStrictEqual } from 'node:util';
import { replacementBy } from '../../lib/template/specification';
import { holds } from '../../lib/template/stateful';
import type { StackResource } from './stacks';

/** A resource as far as its identity goes. */
export type Identity = Pick<StackResource, 'stack' | 'logicalId' | 'type' | 'physicalId' | 'definition'>;

/** How the resources of a deployment relate to those of the one before. */
export interface Continuity {
  /** In both, and their templates are the same: nothing about them may change. */
  readonly untouched: readonly string[];
  /** Held data or ground to stand on, and are gone from the template: they must still exist. */
  readonly released: readonly Identity[];
  /** Neither, and a new one took the place of the old. */
  readonly replaced: readonly string[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** Resources whose physical id was compared and found right. */
  readonly kept: number;
  readonly failures: readonly string[];
}

/** What everything else stands on; it has no deletion policy, and its end would be the end of all in it. */
const GROUND = new Set(['AWS::EC2::VPC', 'AWS::EC2::Subnet']);

/** Whether losing a resource loses data, by what it is or by what its template says is to become of it. */
export function mustSurvive({ type, definition }: Pick<Identity, 'type' | 'definition'>): boolean {
  const policies = [definition.DeletionPolicy, definition.UpdateReplacePolicy];
  return GROUND.has(type) || holds(definition) !== undefined || policies.some(isKept);
}

export function keyOf({ stack, logicalId }: Pick<Identity, 'stack' | 'logicalId'>): string {
  return `${stack}/${logicalId}`;
}

/**
 * Compares the resources before and after an update by their physical ids.
 *
 * @param isRetired whether a logical id belongs to what this climb retires: only such data may leave its template.
 */
export function compareIdentities(
  before: readonly Identity[],
  after: readonly Identity[],
  isRetired: (logicalId: string) => boolean,
): Continuity {
  const then = new Map(before.map((resource) => [keyOf(resource), resource]));
  const now = new Map(after.map((resource) => [keyOf(resource), resource]));
  const changed = changedKeys(then, now);
  const failures: string[] = [];
  const untouched: string[] = [];
  const released: Identity[] = [];
  const replaced: string[] = [];
  const removed: string[] = [];
  let kept = 0;

  for (const [key, old] of then) {
    const current = now.get(key);
    if (current === undefined) {
      removed.push(key);
      if (mustSurvive(old)) released.push(old);
      if (mustSurvive(old) && !isRetired(old.logicalId)) {
        failures.push(`${key} (${old.type}) must survive and left its template, though this climb does not retire it`);
      }
      continue;
    }
    const same = old.physicalId === current.physicalId;
    const ids = `was ${old.physicalId}, is ${current.physicalId}`;
    const unchanged = isDeepStrictEqual(old.definition, current.definition);
    const replacing = unchanged || !mustSurvive(old) ? [] : replacingChanges(old, current);
    if (replacing.length > 0) {
      // No local engine replaces as AWS does: what an update in place did here says nothing about what AWS would do.
      failures.push(`${key} (${old.type}) must survive, and AWS would replace it: ${replacing.join(', ')} changed`);
    }
    if (old.type !== current.type) failures.push(`${key} changed its type from ${old.type} to ${current.type}`);
    else if (!same && mustSurvive(old)) failures.push(`${key} (${old.type}) must survive and was replaced: ${ids}`);
    else if (!same && unchanged)
      failures.push(`${key} (${old.type}) was replaced though its template is the same: ${ids}`);
    else if (!same) replaced.push(key);
    else kept += 1;
    if (unchanged && !referencesOf(old).some((id) => changed.has(`${old.stack}/${id}`))) untouched.push(key);
  }
  const added = [...now.keys()].filter((key) => !then.has(key));
  return { untouched, released, replaced, removed, added, kept, failures };
}

function changedKeys(then: ReadonlyMap<string, Identity>, now: ReadonlyMap<string, Identity>): Set<string> {
  const keys = new Set([...then.keys(), ...now.keys()]);
  return new Set([...keys].filter((key) => !isDeepStrictEqual(then.get(key)?.definition, now.get(key)?.definition)));
}

/** Changed properties of which the service specification says that they cannot be updated. */
function replacingChanges({ type, definition: old }: Identity, { definition: current }: Identity): string[] {
  const names = new Set([...Object.keys(old.Properties ?? {}), ...Object.keys(current.Properties ?? {})]);
  return [...names].filter(
    (name) =>
      replacementBy(type, name) === 'yes' && !isDeepStrictEqual(old.Properties?.[name], current.Properties?.[name]),
  );
}

function isKept(policy: string | undefined): boolean {
  return policy !== undefined && policy !== 'Delete';
}

/** Logical ids that a definition refers to in its own stack: what changes there may change here. */
function referencesOf({ definition }: Identity): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'Ref') found.push(String(inner));
      else if (key === 'Fn::GetAtt') found.push(String(Array.isArray(inner) ? inner[0] : inner).split('.')[0] ?? '');
      visit(inner);
    }
  };
  visit(definition);
  return found;
}
