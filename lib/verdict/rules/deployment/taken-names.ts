import { isDeepStrictEqual } from 'node:util';
import { hasStandard, identityOf, isExclusive, isGlobal } from '../../../template/physical-names';
import { keyOf, type Place, placeOf, referencesIn } from '../../../template/references';
import type { TemplateResource, Templates } from '../../../template/template';
import { nameOf } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';
import { deploymentOrder } from '../../changes/deployment-order';
import type { Finding } from '../../finding';
import type { Check, Step } from '../../rule';
import { regionsIn } from './moved-stacks';

const SOURCE = 'https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html';

export const TAKEN_NAMES: Check = {
  rules: [
    {
      id: 'name-taken',
      severity: 'refused',
      summary: 'A resource is made under a physical name that another one, or the one that it replaces, still has.',
      why: 'CloudFormation makes what is new before it deletes what is old, and two cannot have one name.',
      source: SOURCE,
    },
  ],
  find,
};

/** A resource under a physical name. */
interface Named extends Place {
  readonly resource: TemplateResource;
}

function find(step: Step): Finding[] {
  const { before, after, changes } = step;
  const made = [...changes.values()].filter(({ change }) => change === 'adds' || change === 'replaces');
  if (made.length === 0) return [];
  const types = new Set(made.map(({ type }) => type));
  const [had, has] = [before, after].map((templates) => byType(templates, types)) as [ByType, ByType];
  const lasts = lasting(step);
  const places = new Map(made.map((change, place) => [keyOf(change), place]));
  const isBefore = (one: Place, other: Place): boolean =>
    (places.get(keyOf(one)) ?? -1) < (places.get(keyOf(other)) ?? -1);
  return made.flatMap((change): Finding[] => {
    const { stack, id, type, was, is } = change;
    if (is === undefined) return [];
    // A name that is left out is made up, and unique.
    if (identityOf(type)?.some((part) => !hasStandard(part) && is.Properties?.[part] !== undefined) !== true) return [];
    const own: Named = { stack, id, resource: is };
    const clashes = (other: Named): boolean => clash(own, other, step);
    if (was?.Type === type && clashes({ stack, id, resource: was })) return [finding(change, keeps(type, is))];
    if (!isExclusive(type)) return [];
    const isOther = (other: Named): boolean => keyOf(other) !== keyOf(own);
    const standing = (had.get(type) ?? []).find((other) => isOther(other) && clashes(other) && lasts(other, own));
    // The first of two that are both new finds nothing in its way.
    const twin = (has.get(type) ?? []).find(
      (other) => isOther(other) && isMade(other, changes) && isBefore(other, own) && clashes(other),
    );
    const other = standing ?? twin;
    if (other === undefined) return [];
    const moved = step.moves.some(({ from, to }) => keyOf(from) === keyOf(other) && keyOf(to) === keyOf(own));
    return [finding(change, takes(type, other, standing !== undefined, step), moved)];
  });
}

function finding({ stack, id }: ResourceChange, message: string, moved = false): Finding {
  const remedy = moved
    ? 'move it with `cdk refactor` (preview), in a step that changes nothing else, by the mapping file that the diff prints; or keep its logical id, in its stack'
    : 'leave the name to CloudFormation, give the new one another, or take the old one away in a deployment before';
  return { severity: 'refused', rule: 'name-taken', stack, id, message, remedy, source: SOURCE };
}

function keeps(type: string, is: TemplateResource): string {
  return `it is replaced and keeps its ${namesIn(type, is)}, which the old one still holds at that time`;
}

function takes(type: string, other: Named, stands: boolean, { after }: Step): string {
  const names = `the ${namesIn(type, other.resource)} of the ${nameOf(other.resource)} ${other.id} in ${other.stack}`;
  if (!stands) return `it has ${names}, which is new too: only one of both can be made`;
  const stays = after[other.stack]?.Resources[other.id] !== undefined;
  return `it has ${names}, which ${stays ? 'stands' : 'is not deleted yet, or is kept,'} when this one is made`;
}

/** The parts of an identity that a template gives. */
function namesIn(type: string, { Properties = {} }: TemplateResource): string {
  return (identityOf(type) ?? []).filter((part) => Properties[part] !== undefined).join(' and ');
}

/** True when a new resource has the physical name of another: the one is to be made while the other may stand. */
function clash(made: Named, other: Named, step: Step): boolean {
  const { Type: type, Properties: is = {} } = made.resource;
  const { Properties: was = {} } = other.resource;
  const parts = identityOf(type);
  if (parts === undefined || !sharesRegion(made, other, step)) return false;
  return parts.every((part) => {
    // A CNAME stands beside no record of any type.
    if (part === 'Type' && [is[part], was[part]].includes('CNAME')) return true;
    if (is[part] === undefined) return hasStandard(part) && was[part] === undefined;
    return isDeepStrictEqual(is[part], was[part]) && meansTheSame(is[part], made, other, step);
  });
}

/** A value that is written in the same way is another one where it refers to what is new, or to something of its stack. */
function meansTheSame(value: unknown, made: Named, other: Named, { after, changes }: Step): boolean {
  return referencesIn(value).every((reference) => {
    if (reference.kind !== 'resource') {
      const place = placeOf(value, made.stack, after);
      return place === undefined || !isMade(place, changes);
    }
    if (/^AWS::(AccountId|Partition|Region|URLSuffix)$/.test(reference.id)) return true;
    return made.stack === other.stack && !isMade({ stack: made.stack, id: reference.id }, changes);
  });
}

function isMade(place: Place, changes: Step['changes']): boolean {
  return ['adds', 'replaces'].includes(changes.get(keyOf(place))?.change ?? '');
}

function sharesRegion({ stack, resource }: Named, other: Named, { before, after }: Step): boolean {
  if (stack === other.stack || isGlobal(resource.Type)) return true;
  const regions = new Map([...regionsIn(before), ...regionsIn(after)]);
  return regions.get(stack) === regions.get(other.stack);
}

/**
 * Tells what still has its name when another resource is made. What leaves, or takes another name, goes with the cleanup
 * of its stack: before a stack that is deployed later, and after all that is made in its own.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
function lasting({ before, after, changes }: Step): (other: Named, made: Named) => boolean {
  const order = deploymentOrder(before, after, new Set()).map(({ stack }) => stack);
  return (other, made) => {
    const change = changes.get(keyOf(other))?.change;
    const { DeletionPolicy, UpdateReplacePolicy } = other.resource;
    const policy = change === 'removes' ? DeletionPolicy : change === 'replaces' ? UpdateReplacePolicy : 'Retain';
    // `cdk deploy` does not delete a stack that is no longer in the app.
    const isEarlier = after[other.stack] !== undefined && order.indexOf(other.stack) < order.indexOf(made.stack);
    return !isEarlier || String(policy).startsWith('Retain');
  };
}

type ByType = ReadonlyMap<string, readonly Named[]>;

function byType(templates: Templates, types: ReadonlySet<string>): ByType {
  const found = new Map<string, Named[]>();
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const [id, resource] of Object.entries(Resources)) {
      if (!types.has(resource.Type)) continue;
      const one = { stack, id, resource };
      const ofType = found.get(resource.Type);
      if (ofType === undefined) found.set(resource.Type, [one]);
      else ofType.push(one);
    }
  }
  return found;
}
