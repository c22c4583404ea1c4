import type { Template, Templates } from './template';
import { isTree, type Tree } from './values';

/** Target of a reference in a template. */
export type Reference =
  | { readonly kind: 'resource'; readonly id: string; readonly attribute?: string }
  /** Weak: resolved when the one who asks is created or updated, and not again. */
  | { readonly kind: 'stack-output'; readonly stack: string; readonly output: string; readonly region?: string }
  /** Strong: CloudFormation refuses to change what is imported. */
  | { readonly kind: 'export'; readonly name: string };

const KNOWN = new WeakMap<object, readonly Reference[]>();

/** All references in a value, however deep, those inside `Fn::Join` and `Fn::Sub` included. */
export function referencesIn(value: unknown): readonly Reference[] {
  if (typeof value !== 'object' || value === null) return [];
  const known = KNOWN.get(value);
  if (known !== undefined) return known;
  const found = collected(value);
  KNOWN.set(value, found);
  return found;
}

function collected(value: unknown): readonly Reference[] {
  if (Array.isArray(value)) return value.flatMap(collected);
  if (!isTree(value)) return [];
  const [entry, ...others] = Object.entries(value);
  if (entry !== undefined && others.length === 0) {
    const found = intrinsic(...entry);
    if (found !== undefined) return found;
  }
  return Object.values(value).flatMap(collected);
}

function intrinsic(name: string, argument: unknown): readonly Reference[] | undefined {
  switch (name) {
    case 'Ref':
      return typeof argument === 'string' ? [{ kind: 'resource', id: argument }] : undefined;
    case 'Fn::GetAtt': {
      // CloudFormation refuses what is neither.
      const parts: readonly unknown[] = Array.isArray(argument) ? argument : [];
      const [id, ...attribute] = typeof argument === 'string' ? argument.split('.') : parts;
      return typeof id === 'string' ? [{ kind: 'resource', id, attribute: attribute.join('.') }] : undefined;
    }
    case 'Fn::Sub':
      return substitutions(argument);
    case 'Fn::ImportValue':
      return typeof argument === 'string' ? [{ kind: 'export', name: argument }] : collected(argument);
    case 'Fn::GetStackOutput': {
      const { StackName: stack, OutputName: output, Region: region } = isTree(argument) ? argument : ({} as Tree);
      if (typeof stack !== 'string' || typeof output !== 'string') return [];
      return [{ kind: 'stack-output', stack, output, ...(typeof region === 'string' && { region }) }];
    }
    default:
      return undefined;
  }
}

function substitutions(argument: unknown): Reference[] {
  const [text, variables] = Array.isArray(argument) ? argument : [argument];
  const own = isTree(variables) ? variables : {};
  const names = typeof text === 'string' ? [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name) : [];
  const local = names
    .filter((name) => !Object.hasOwn(own, name))
    .map((name): Reference => {
      const [id = name, ...attribute] = name.split('.');
      return { kind: 'resource', id, ...(attribute.length > 0 && { attribute: attribute.join('.') }) };
    });
  return [...local, ...collected(Object.values(own))];
}

/** One resource, in one stack. */
export interface Place {
  readonly stack: string;
  readonly id: string;
}

/** `stack/id`: the key of a place in maps and sets. */
export function keyOf({ stack, id }: Place): string {
  return `${stack}/${id}`;
}

/** Resources in the value of an output of another stack; undefined without such an output. */
export function producersOf(reference: Reference, templates: Templates): readonly Place[] | undefined {
  if (reference.kind === 'resource') return undefined;
  const found = outputsOf(templates).find(({ stack, name, exported }) =>
    reference.kind === 'export' ? exported === reference.name : stack === reference.stack && name === reference.output,
  );
  if (found === undefined) return undefined;
  return referencesIn(found.value).flatMap((inner) =>
    inner.kind === 'resource' ? [{ stack: found.stack, id: inner.id }] : [],
  );
}

/** The resource that a value points at, in its own stack or another one; in an ARN, what it names beside the account. */
export function placeOf(value: unknown, stack: string, templates: Templates): Place | undefined {
  for (const reference of referencesIn(value)) {
    if (reference.kind !== 'resource') return producersOf(reference, templates)?.[0];
    if (templates[stack]?.Resources[reference.id] !== undefined) return { stack, id: reference.id };
  }
  return undefined;
}

interface Output {
  readonly stack: string;
  readonly name: string;
  readonly value: unknown;
  /** Name under which the account knows it, when it is exported by a literal name. */
  readonly exported?: string;
}

const OUTPUTS = new WeakMap<Templates, readonly Output[]>();

function outputsOf(templates: Templates): readonly Output[] {
  const known = OUTPUTS.get(templates);
  if (known !== undefined) return known;
  const outputs = Object.entries(templates).flatMap(([stack, template]) => outputsOfStack(stack, template));
  OUTPUTS.set(templates, outputs);
  return outputs;
}

function outputsOfStack(stack: string, template: Template): Output[] {
  return Object.entries(isTree(template['Outputs']) ? template['Outputs'] : {}).map(([name, output]) => {
    const { Value: value, Export } = isTree(output) ? output : ({} as Tree);
    const exported = isTree(Export) ? Export['Name'] : undefined;
    return { stack, name, value, ...(typeof exported === 'string' && { exported }) };
  });
}
