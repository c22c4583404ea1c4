import { isDeepStrictEqual } from 'node:util';
import { fullDiff, type ResourceDifference } from '@aws-cdk/cloudformation-diff';
import type { Place } from '../../template/references';
import { ACROSS } from '../../template/render-value';
import type { Template, TemplateResource, Templates } from '../../template/template';
import type { PropertyEffect } from './property-change';
import { effectOf } from './property-effect';
import { valueDifferences } from './value-differences';

/** Kind of change of a resource, from the lightest to the heaviest. */
export type Change = 'adds' | 'updates' | 'restarts' | 'replaces' | 'removes';

/** One resource that differs, with what its changed properties do. */
export interface ResourceChange extends Place {
  readonly type: string;
  /** Absent when it is added. */
  readonly was?: TemplateResource;
  /** Absent when it is removed. */
  readonly is?: TemplateResource;
  readonly change: Change;
  readonly effects: readonly PropertyEffect[];
}

/** All that differs in one stack. */
export interface StackComparison {
  readonly stack: string;
  readonly changes: readonly ResourceChange[];
}

const NOTHING: Template = { Resources: {} };

/** Attributes of a resource that change nothing in the account. */
const SILENT = new Set(['Metadata', 'DependsOn', 'Condition', 'CreationPolicy', 'UpdatePolicy']);

/** Compares stack by stack, each by its name; stacks that are the same on both sides are left out. */
export function compare(before: Templates, after: Templates): StackComparison[] {
  const stacks = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return stacks.flatMap((stack) => {
    const [was, is] = [before[stack] ?? NOTHING, after[stack] ?? NOTHING];
    return isDeepStrictEqual(was, is) ? [] : [compareStack(stack, was, is)];
  });
}

function compareStack(stack: string, before: Template, after: Template): StackComparison {
  const ids = new Set([...Object.keys(before.Resources), ...Object.keys(after.Resources)]);
  const differing = [...ids].filter((id) => !isDeepStrictEqual(before.Resources[id], after.Resources[id]));
  // Nothing is asked of what comes or goes, and the difference of what is the same takes as long as that of what is not.
  const changed = differing.filter((id) => before.Resources[id] !== undefined && after.Resources[id] !== undefined);
  const [was, is] = [comparable(only(changed, before)), comparable(only(changed, after))];
  const changes = changed.length === 0 ? {} : fullDiff(was, is).resources.changes;
  return { stack, changes: differing.flatMap((id) => changeOf({ stack, id }, before, after, changes[id])) };
}

function changeOf(
  place: Place,
  before: Template,
  after: Template,
  difference: ResourceDifference | undefined,
): ResourceChange[] {
  const [was, is] = [before.Resources[place.id], after.Resources[place.id]];
  if (was === undefined) return is === undefined ? [] : [{ ...place, type: is.Type, is, change: 'adds', effects: [] }];
  if (is === undefined) return [{ ...place, type: was.Type, was, change: 'removes', effects: [] }];
  const both = { ...place, type: is.Type, was, is };
  if (was.Type !== is.Type) return [{ ...both, change: 'replaces', effects: [typeChange(was)] }];

  const effects = Object.keys(difference?.propertyUpdates ?? {}).flatMap((property) => {
    const [old, now] = [was.Properties?.[property], is.Properties?.[property]];
    if (isDeepStrictEqual(old, now)) return [];
    const effect = effectOf({ type: was.Type, property, before: old, after: now, was, is });
    return [{ ...effect, values: valueDifferences(property, old, now) }];
  });
  const others = Object.keys(difference?.otherChanges ?? {}).filter((name) => !SILENT.has(name));
  if (effects.length === 0 && others.length === 0) return [];
  return [{ ...both, change: heaviest(effects), effects }];
}

/**
 * `fullDiff` takes apart the policies of the types that it knows, and throws where a list of theirs is left to an intrinsic.
 * Its answer about them is not used here: all it sees is of one type, which it does not know.
 */
const ANY_TYPE = 'Custom::Compared';

/** A template with these resources alone. */
function only(ids: readonly string[], { Resources }: Template): Template {
  const some = ids.flatMap((id) => (Resources[id] ? [[id, { ...Resources[id], Type: ANY_TYPE }] as const] : []));
  return { Resources: Object.fromEntries(some) };
}

/** Heaviest change among the effects of all changed properties. */
export function heaviest(effects: readonly PropertyEffect[]): Change {
  if (effects.some(({ effect }) => effect === 'replaces')) return 'replaces';
  return effects.some(({ effect }) => effect === 'restarts') ? 'restarts' : 'updates';
}

function typeChange({ Type }: TemplateResource): PropertyEffect {
  return {
    property: 'Type',
    effect: 'refused',
    why: `it was ${Type}, and CloudFormation does not change the type of a resource: another thing needs another id`,
    source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html',
  };
}

/**
 * A template as `fullDiff` reads it best. It takes `17.1` and `17.10` for the same number, and knows neither kind of
 * reference to another stack.
 */
function comparable(template: Template): Template {
  const copy = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => copy(item, ''));
    if (key === 'EngineVersion' && typeof value === 'string') return `version ${value}`;
    if (typeof value !== 'object' || value === null) return value;
    const across = acrossStacks(value as Readonly<Record<string, unknown>>);
    if (across !== undefined) return { Ref: across };
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner, name)]));
  };
  return copy(template, '') as Template;
}

function acrossStacks(value: Readonly<Record<string, unknown>>): string | undefined {
  const { 'Fn::GetStackOutput': output, 'Fn::ImportValue': exported } = value;
  if (typeof exported === 'string') return exported.replace(':', ACROSS);
  if (typeof output !== 'object' || output === null) return undefined;
  const { StackName, Region, OutputName } = output as { StackName?: unknown; Region?: unknown; OutputName?: unknown };
  return [StackName, Region, OutputName].map(String).join(ACROSS);
}
