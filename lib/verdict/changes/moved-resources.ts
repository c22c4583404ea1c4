import { createHash } from 'node:crypto';
import { keyOf, type Place } from '../../template/references';
import type { Template, TemplateResource, Templates } from '../../template/template';
import { isTree } from '../../template/values';
import type { ResourceChange } from './comparison';

/** A resource that is the same under another logical id, or in another stack. */
export interface Move {
  readonly type: string;
  readonly from: Place;
  readonly to: Place;
}

/** Both sides of a step, decided and as they are written. */
interface Compared {
  readonly before: Templates;
  readonly after: Templates;
  readonly written: { readonly before: Templates; readonly after: Templates };
  /** True for two stacks of one region: between regions CloudFormation moves nothing. */
  readonly shareRegion: (stack: string, other: string) => boolean;
}

/** A refactoring of CloudFormation takes at most so many stacks. */
const MOST_STACKS = 5;

/**
 * Pairs of what goes and what comes that differ in nothing but their place, as far as `cdk refactor` can move them. Where
 * several go or come that are the same as one another, nobody can say which is which: those are left out, and so is what
 * refers to something that does not move along with it.
 *
 * `cdk refactor` compares likewise: type, attributes and properties without `DependsOn` and the path of the construct, and
 * what they refer to by what that is (aws-cdk 2.1148.1, `computeResourceDigests`, 2026-11-29). Which one of several that
 * are alike is referred to, it does not see, and CloudFormation then refuses to carry out what it asks for.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-refactoring.html,
 * https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-refactor.html
 */
export function movedResources(changes: ReadonlyMap<string, ResourceChange>, compared: Compared): Move[] {
  const { before, after } = compared;
  const [went, came] = [byDigest(changes, 'removes', before), byDigest(changes, 'adds', after)];
  const pairs = [...went].flatMap(([digest, [from, ...othersGone]]): Move[] => {
    const [to, ...othersCome] = came.get(digest) ?? [];
    if (from === undefined || to === undefined || othersGone.length + othersCome.length > 0) return [];
    const resource = before[from.stack]?.Resources[from.id];
    return resource !== undefined && isSupported(from, to, compared) ? [{ type: resource.Type, from, to }] : [];
  });
  const moves = consistent(pairs, compared);
  const stacks = new Set(moves.flatMap(({ from, to }) => [from.stack, to.stack]));
  return stacks.size > MOST_STACKS ? [] : moves;
}

/** Values that are others in another stack, so that what has one of them is not the same there. */
const OF_THE_STACK = /AWS::Stack(Name|Id)\b/;

/** Sections that a refactoring leaves as they are: what reads them means another value in another stack. */
const SECTIONS = ['Parameters', 'Conditions', 'Mappings'] as const;

/**
 * Neither the command nor CloudFormation makes a stack for a move, or leaves one empty, or changes the parameters,
 * conditions and maps of one.
 */
function isSupported(from: Place, to: Place, { written: { before, after }, shareRegion }: Compared): boolean {
  const [source, target] = [before[from.stack], after[to.stack]];
  const [was, is] = [source?.Resources[from.id], target?.Resources[to.id]];
  // Written by a loop or a macro, it is nothing that the command sees.
  if (source === undefined || target === undefined || was === undefined || is === undefined) return false;
  if (from.stack === to.stack) return true;
  const left = Object.keys(after[from.stack]?.Resources ?? {}).length;
  const isOffered = left > 0 && before[to.stack] !== undefined && shareRegion(from.stack, to.stack);
  return isOffered && standsAlone(was, source) && standsAlone(is, target);
}

/** True for a resource that reads nothing of its stack but other resources. */
function standsAlone(resource: TemplateResource, template: Template): boolean {
  const text = JSON.stringify(resource);
  if (OF_THE_STACK.test(text)) return false;
  if (resource['Condition'] !== undefined || /"Fn::(If|FindInMap|Transform|ForEach)/.test(text)) return false;
  const names = SECTIONS.flatMap((section) => Object.keys(isTree(template[section]) ? template[section] : {}));
  return !names.some((name) => text.includes(`"${name}"`) || text.includes(`\${${name}}`));
}

/** Moves of which each refers, part by part, to what stays in its place or to what moves likewise. */
function consistent(pairs: readonly Move[], sides: Pick<Compared, 'before' | 'after'>): Move[] {
  const targets = new Map(pairs.map(({ from, to }) => [keyOf(from), keyOf(to)]));
  const kept = pairs.filter(({ from, to }) => {
    const [was, is] = [referred(from, sides.before), referred(to, sides.after)];
    return was.every((place, index) => (targets.get(place) ?? place) === is[index]);
  });
  return kept.length === pairs.length ? [...pairs] : consistent(kept, sides);
}

/** The resources of its stack to which a resource refers, by `stack/id`, in the order of its digest. */
function referred({ stack, id }: Place, templates: Templates): string[] {
  const resources = templates[stack]?.Resources ?? {};
  const found: string[] = [];
  withoutNames(wordsOf(resources[id]), (other) => {
    if (Object.hasOwn(resources, other)) found.push(keyOf({ stack, id: other }));
    return other;
  });
  return found;
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
  const digest = createHash('sha256')
    .update(JSON.stringify(withoutNames(wordsOf(resources[place.id]), nameless)))
    .digest('hex');
  known.set(key, digest);
  return digest;
}

/** All that a resource says but for its order of creation and the path of its construct. */
function wordsOf(resource: TemplateResource | undefined): unknown {
  const { Metadata: metadata, DependsOn: _, ...words } = (resource ?? {}) as Readonly<Record<string, unknown>>;
  const { 'aws:cdk:path': __, ...others } = isTree(metadata) ? metadata : {};
  return Object.keys(others).length === 0 ? words : { ...words, Metadata: others };
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
