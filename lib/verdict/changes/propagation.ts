import { isDeepStrictEqual } from 'node:util';
import { keyOf, type Place, producersOf, type Reference, referencesIn } from '../../template/references';
import type { TemplateResource, Templates } from '../../template/template';
import { type Change, heaviest, type ResourceChange, type StackComparison } from './comparison';
import type { PropertyEffect } from './property-change';
import { effectOf } from './property-effect';
import { restartOf, staticParametersIn } from './restarts';

/** Weight of each kind of change. */
export const WEIGHT: Readonly<Record<Change, number>> = { adds: 0, updates: 1, restarts: 2, replaces: 3, removes: 4 };

/**
 * Follows what the direct changes bring with them within each stack: who refers to a replaced resource gets another
 * value, and is replaced itself if that property replaces; a changed launch template rolls its group; a static
 * parameter restarts its database.
 *
 * @returns All changes, the direct ones among them, by stack and id.
 */
export function followed(
  comparisons: readonly StackComparison[],
  after: Templates,
): ReadonlyMap<string, ResourceChange> {
  const changes = new Map<string, ResourceChange>();
  for (const change of comparisons.flatMap(({ changes: direct }) => direct)) changes.set(keyOf(change), change);

  const queue = [...changes.values()];
  for (let cause = queue.shift(); cause !== undefined; cause = queue.shift()) {
    for (const { place, resource, effects } of touchedBy(cause, after)) {
      const known = changes.get(keyOf(place));
      if (known !== undefined && (known.was === undefined || known.is === undefined)) continue;
      const all = [...(known?.effects ?? []), ...effects.filter((effect) => !known?.effects.some(sameAs(effect)))];
      const next = { ...place, type: resource.Type, was: resource, is: resource, ...known, effects: all };
      const change = heavier(known?.change ?? 'updates', heaviest(all));
      changes.set(keyOf(place), { ...next, change });
      if (change === 'replaces' && known?.change !== 'replaces') queue.push({ ...next, change });
    }
  }
  return changes;
}

const sameAs = (one: PropertyEffect) => (other: PropertyEffect) =>
  one.property === other.property && one.effect === other.effect;

function heavier(first: Change, second: Change): Change {
  return WEIGHT[first] >= WEIGHT[second] ? first : second;
}

interface Touched {
  readonly place: Place;
  readonly resource: TemplateResource;
  readonly effects: readonly PropertyEffect[];
}

/** Parameter groups, and by which property a database or a cluster names its own. */
const PARAMETER_GROUPS: Readonly<Record<string, string>> = {
  'AWS::RDS::DBParameterGroup': 'DBParameterGroupName',
  'AWS::RDS::DBClusterParameterGroup': 'DBClusterParameterGroupName',
};

/** Types whose update in place still affects their dependents: see `rolled` and `parameters`. */
const FELT_BY_OTHERS = new Set(['AWS::EC2::LaunchTemplate', ...Object.keys(PARAMETER_GROUPS)]);

/** Dependents in the same stack that a change affects although their own template may be the same. */
function touchedBy(cause: ResourceChange, after: Templates): Touched[] {
  const { stack, id, change, type } = cause;
  if (change !== 'replaces' && !(change === 'updates' && FELT_BY_OTHERS.has(type))) return [];
  const others = Object.entries(after[stack]?.Resources ?? {}).filter(([other]) => other !== id);
  return others.flatMap(([other, resource]) => {
    const effects = Object.entries(resource.Properties ?? {}).flatMap(([property, value]) => {
      const references = referencesIn(value).filter(
        (reference) => reference.kind === 'resource' && reference.id === id,
      );
      if (references.length === 0) return [];
      const felt = { type: resource.Type, property, before: value, after: value, was: resource, is: resource };
      if (change === 'replaces') {
        const effect = effectOf(felt);
        return [
          { ...effect, why: effect.effect === 'in place' ? `refers to ${id}` : `refers to ${id}, which is replaced` },
        ];
      }
      if (type === 'AWS::EC2::LaunchTemplate' && references.some(isVersion)) return rolled(cause, felt);
      return parameters(cause, felt);
    });
    return effects.length === 0 ? [] : [{ place: { stack, id: other }, resource, effects }];
  });
}

const isVersion = (reference: Reference): boolean =>
  reference.kind === 'resource' && reference.attribute === 'LatestVersionNumber';

type Felt = Parameters<typeof restartOf>[0];

function rolled({ id, effects }: ResourceChange, felt: Felt): PropertyEffect[] {
  if (!effects.some(({ property }) => property === 'LaunchTemplateData')) return [];
  const restart = restartOf(felt);
  if (restart === undefined) return [];
  const { says, source } = restart;
  return [{ property: felt.property, effect: 'restarts', why: `a new version of ${id}`, interruption: says, source }];
}

function parameters({ type, was, is }: ResourceChange, felt: Felt): PropertyEffect[] {
  if (PARAMETER_GROUPS[type] !== felt.property) return [];
  const names = staticParametersIn(was?.Properties?.['Parameters'], is?.Properties?.['Parameters']);
  const restart = restartOf(felt);
  if (names.length === 0 || restart === undefined) return [];
  const why = `${names.join(', ')} count from the next start on`;
  return [{ property: felt.property, effect: 'restarts', why, interruption: restart.says, source: restart.source }];
}

/** A reference across stacks that would no longer lead where it should. */
export interface BrokenReference {
  readonly consumer: Place;
  /** Resource behind the output, when there is one. */
  readonly producer?: Place;
  /**
   * `early`: what a weak reference leads to goes before its user is updated; `dropped`: only its output goes; `imported`:
   * an export goes likewise.
   */
  readonly kind: 'weak' | 'strong' | 'dangling' | 'early' | 'dropped' | 'imported';
}

/**
 * References across stacks whose resource or value changes behind them. A weak one is resolved when its consumer is
 * created or updated, and keeps the old value; a strong one makes CloudFormation refuse.
 */
export function brokenReferences(
  before: Templates,
  after: Templates,
  changes: ReadonlyMap<string, ResourceChange>,
): BrokenReference[] {
  const broken: BrokenReference[] = [];
  for (const { consumer, reference, lasting } of consumersIn(before, after)) {
    const [was, is] = [producersOf(reference, before), producersOf(reference, after)];
    if (is === undefined) {
      // Nobody on either side produces it: the other stack is not part of this comparison.
      // A reference that led nowhere before is no news.
      if (was !== undefined || (isInside(reference, after) && !lasting)) broken.push({ consumer, kind: 'dangling' });
      continue;
    }
    if (!lasting || was === undefined) continue;
    const kind = reference.kind === 'export' ? 'strong' : 'weak';
    const replaced = is.find((place) => changes.get(keyOf(place))?.change === 'replaces');
    if (replaced !== undefined) broken.push({ consumer, producer: replaced, kind });
    else if (!isDeepStrictEqual(was, is)) broken.push({ consumer, ...(is[0] && { producer: is[0] }), kind });
  }
  return [...broken, ...goneEarly(before, after, changes)];
}

/**
 * Stacks are deployed one after the other, the one that is referred to first: what it gives up is gone before the
 * stack that used it learns of another. CloudFormation refuses that for exports and knows nothing of weak references.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 */
function goneEarly(
  before: Templates,
  after: Templates,
  changes: ReadonlyMap<string, ResourceChange>,
): BrokenReference[] {
  return consumersIn(before, before).flatMap(({ consumer, reference }): BrokenReference[] => {
    const used = acrossOf(after[consumer.stack]?.Resources[consumer.id]).some((one) =>
      isDeepStrictEqual(one, reference),
    );
    const [producer] = producersOf(reference, before) ?? [];
    // Still used: dangling, or well.
    if (used || producer === undefined || producersOf(reference, after) !== undefined) return [];
    if (reference.kind === 'export') return [{ consumer, producer, kind: 'imported' }];
    return [{ consumer, producer, kind: changes.get(keyOf(producer))?.change === 'removes' ? 'early' : 'dropped' }];
  });
}

interface Consumer {
  readonly consumer: Place;
  readonly reference: Reference;
  /** True when the consumer existed before with this same reference. */
  readonly lasting: boolean;
}

function consumersIn(before: Templates, after: Templates): Consumer[] {
  return Object.entries(after).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, resource]) => {
      const had = acrossOf(before[stack]?.Resources[id]);
      return acrossOf(resource).map((reference) => ({
        consumer: { stack, id },
        reference,
        lasting: had.some((other) => isDeepStrictEqual(other, reference)),
      }));
    }),
  );
}

function acrossOf(resource: TemplateResource | undefined): readonly Reference[] {
  return referencesIn(resource?.Properties).filter(({ kind }) => kind !== 'resource');
}

function isInside(reference: Reference, templates: Templates): boolean {
  return reference.kind === 'stack-output' && templates[reference.stack] !== undefined;
}
