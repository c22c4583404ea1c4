import { createHash } from 'node:crypto';
import { keyOf, type Place } from '../../template/references';
import type { TemplateResource, Templates } from '../../template/template';
import { isTree } from '../../template/values';
import type { ResourceChange } from './comparison';

/** A resource that is the same under another logical id, or in another stack. */
export interface Move {
  readonly type: string;
  readonly from: Place;
  readonly to: Place;
}

/** Values that are others in another stack, so that what has one of them is not the same there. */
const OF_THE_STACK = /AWS::Stack(Name|Id)\b/;

/**
 * Pairs of what goes and what comes that differ in nothing but their place, what they refer to included. Where several go
 * or come that are the same as one another, nobody can say which is which: those are left out.
 *
 * `cdk refactor` compares likewise: type, attributes and properties without `DependsOn` and the path of the construct, and
 * what they refer to. Source: aws-cdk 2.1148.1, `computeResourceDigests` (2026-11-29)
 */
export function movedResources(
  changes: ReadonlyMap<string, ResourceChange>,
  before: Templates,
  after: Templates,
): Move[] {
  const [went, came] = [byDigest(changes, 'removes', before), byDigest(changes, 'adds', after)];
  return [...went].flatMap(([digest, [from, ...othersGone]]): Move[] => {
    const [to, ...othersCome] = came.get(digest) ?? [];
    if (from === undefined || to === undefined || othersGone.length + othersCome.length > 0) return [];
    const resource = before[from.stack]?.Resources[from.id];
    if (resource === undefined || (from.stack !== to.stack && OF_THE_STACK.test(JSON.stringify(resource)))) return [];
    return [{ type: resource.Type, from, to }];
  });
}

function byDigest(
  changes: ReadonlyMap<string, ResourceChange>,
  wanted: 'adds' | 'removes',
  templates: Templates,
): Map<string, Place[]> {
  const digests = new Map<string, string>();
  const groups = new Map<string, Place[]>();
  for (const { stack, id, change } of changes.values()) {
    if (change !== wanted) continue;
    const digest = digestOf({ stack, id }, templates, digests);
    groups.set(digest, [...(groups.get(digest) ?? []), { stack, id }]);
  }
  return groups;
}

/** Identity of a resource without its logical id: its own properties, and the digests of its references in the stack. */
function digestOf(place: Place, templates: Templates, known: Map<string, string>): string {
  const key = keyOf(place);
  const found = known.get(key);
  if (found !== undefined) return found;
  // A circle, which CloudFormation refuses, ends here.
  known.set(key, 'circle');
  const resources = templates[place.stack]?.Resources ?? {};
  const nameless = (id: string): string =>
    Object.hasOwn(resources, id) ? `#${digestOf({ stack: place.stack, id }, templates, known)}` : id;
  const resource: Partial<TemplateResource> = { ...resources[place.id] };
  const { Metadata: _, DependsOn: __, ...words } = resource as Readonly<Record<string, unknown>>;
  const digest = createHash('sha256')
    .update(JSON.stringify(withoutNames(words, nameless)))
    .digest('hex');
  known.set(key, digest);
  return digest;
}

/** A value in which references name what they lead to by what it is, with keys in one order. */
function withoutNames(value: unknown, nameless: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNames(item, nameless));
  if (!isTree(value)) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = value;
  if (typeof ref === 'string') return { Ref: nameless(ref) };
  if (attribute !== undefined) {
    const [id, ...rest] = typeof attribute === 'string' ? attribute.split('.') : (attribute as readonly unknown[]);
    return { 'Fn::GetAtt': [nameless(String(id)), ...rest.map((part) => withoutNames(part, nameless))] };
  }
  if (typeof text === 'string') return { 'Fn::Sub': inText(text, nameless) };
  if (Array.isArray(text)) {
    const [words, variables] = text as readonly unknown[];
    const own = isTree(variables) ? variables : {};
    const outer = (id: string): string => (Object.hasOwn(own, id) ? id : nameless(id));
    return { 'Fn::Sub': [inText(String(words), outer), withoutNames(own, nameless)] };
  }
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, inner]) => [name, withoutNames(inner, nameless)]));
}

function inText(text: string, nameless: (id: string) => string): string {
  return text.replace(/\$\{([^!}.][^}.]*)/g, (_, id: string) => `\${${nameless(id)}`);
}
