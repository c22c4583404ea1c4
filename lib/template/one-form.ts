import { isDeepStrictEqual } from 'node:util';
import { isLiteral, isTree, type Tree } from './values';

/**
 * A value in which texts that are put together are written in one way, however the template writes them: `Fn::Sub` and
 * nested `Fn::Join` as one `Fn::Join` without a separator, one reference alone as that reference, `Fn::GetAtt` as a list.
 * Anything else stays as it is written. The same object when nothing changes.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
 */
export function inOneForm(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(inOneForm);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isTree(value)) return value;
  const names = Object.keys(value);
  const inner = names.map((name) => inOneForm(value[name]));
  const same = inner.every((one, index) => one === value[names[index] ?? '']);
  const whole: Tree = same ? value : Object.fromEntries(names.map((name, index) => [name, inner[index]]));
  const [name] = names;
  const form = name !== undefined && names.length === 1 ? formOf(name, whole[name]) : undefined;
  return form === undefined || isDeepStrictEqual(form, whole) ? whole : form;
}

/** The one form of a function whose arguments are in theirs; undefined for functions that have but one. */
function formOf(name: string, argument: unknown): unknown {
  switch (name) {
    case 'Fn::GetAtt':
      return attribute(argument);
    case 'Fn::Join':
      return asText(joined(argument));
    case 'Fn::Sub':
      return asText(substituted(argument));
    default:
      return undefined;
  }
}

/** `A.B.C`, `[A, B.C]` and `[A, B, C]` are one attribute. */
function attribute(argument: unknown): Tree | undefined {
  const parts = typeof argument === 'string' ? argument.split('.') : argument;
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string')) return undefined;
  const [id = '', ...rest] = parts;
  return { 'Fn::GetAtt': [id, rest.join('.')] };
}

/** Part of a text: words, or what only CloudFormation fills in. */
type Part = string | Tree;

function joined(argument: unknown): readonly Part[] | undefined {
  const [separator, list] = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
  if (typeof separator !== 'string' || !Array.isArray(list)) return undefined;
  // An item that may be left out takes its separator with it.
  if (separator !== '' && list.some((item) => isTree(item) && 'Fn::If' in item)) return undefined;
  const items = list.map(partsOf);
  if (items.includes(undefined)) return undefined;
  return items.flatMap((parts = [], index) => (index === 0 ? parts : [separator, ...parts]));
}

function substituted(argument: unknown): readonly Part[] | undefined {
  const [text, variables] = Array.isArray(argument) ? (argument as readonly unknown[]) : [argument];
  if (typeof text !== 'string') return undefined;
  const own = isTree(variables) ? variables : {};
  // Every second piece is what stood between `${` and `}`.
  const pieces = text.split(/\$\{([^}]*)\}/).map((piece, index): readonly Part[] | undefined => {
    if (index % 2 === 0) return [piece];
    if (piece.startsWith('!')) return [`\${${piece.slice(1)}}`];
    if (Object.hasOwn(own, piece)) return partsOf(own[piece]);
    const [id = piece, ...rest] = piece.split('.');
    return [rest.length === 0 ? { Ref: id } : { 'Fn::GetAtt': [id, rest.join('.')] }];
  });
  return pieces.includes(undefined) ? undefined : pieces.flatMap((parts = []) => parts);
}

/** Parts of one item; undefined when it is no text. */
function partsOf(item: unknown): readonly Part[] | undefined {
  if (isLiteral(item)) return [String(item)];
  if (!isTree(item)) return undefined;
  const inner = item['Fn::Join'];
  const [separator, list] = Array.isArray(inner) ? (inner as readonly unknown[]) : [];
  // In its one form already: the parts of what is put together without a separator.
  return separator === '' && Array.isArray(list) ? (list as readonly Part[]) : [item];
}

function asText(parts: readonly Part[] | undefined): unknown {
  if (parts === undefined) return undefined;
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part === '') continue;
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  const [first = '', ...others] = merged;
  return others.length === 0 ? first : { 'Fn::Join': ['', merged] };
}
