import type { Templates } from '../../lib/template/template';
import { isTree, type Tree } from '../../lib/template/values';
import type { Random } from './random';

/** Templates that mean the same, written in another way: other orders of keys, `Fn::Sub` for `Fn::Join` and back. */
export function written(random: Random, templates: Templates): Templates {
  return otherwise(random, templates) as Templates;
}

function otherwise(random: Random, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => otherwise(random, item));
  if (!isTree(value)) return value;
  const names = Object.keys(value);
  const [name = ''] = names;
  const rewritten = names.length === 1 ? rewriting(random, name, value[name]) : undefined;
  if (rewritten !== undefined) return rewritten;
  // The order of parameters, conditions and resources is theirs.
  const entries = random.shuffled(names).map((one) => [one, otherwise(random, value[one])] as const);
  return Object.fromEntries(entries);
}

/** Another way to write a function; undefined where none is known. */
function rewriting(random: Random, name: string, argument: unknown): unknown {
  switch (name) {
    case 'Ref':
      return typeof argument === 'string' && !LISTS.has(argument) && random.chance(0.3)
        ? random.pick<unknown>([{ 'Fn::Sub': `\${${argument}}` }, { 'Fn::Sub': ['${V}', { V: { Ref: argument } }] }])
        : undefined;
    case 'Fn::GetAtt': {
      const parts = Array.isArray(argument) ? argument : String(argument).split('.');
      if (!parts.every((part) => typeof part === 'string')) return undefined;
      return random.pick<unknown>([
        { 'Fn::GetAtt': parts },
        { 'Fn::GetAtt': parts.join('.') },
        { 'Fn::Sub': `\${${parts.join('.')}}` },
      ]);
    }
    case 'Fn::Join':
      return substituted(random, argument);
    case 'Fn::Sub':
      return typeof argument === 'string' ? joined(argument) : undefined;
    default:
      return undefined;
  }
}

/** Values that stand for a list, or for nothing, stand in no text. */
const LISTS: ReadonlySet<string> = new Set(['List', 'AWS::NoValue']);

function substituted(random: Random, argument: unknown): unknown {
  const [separator, list] = Array.isArray(argument) ? (argument as readonly unknown[]) : [];
  if (typeof separator !== 'string' || !Array.isArray(list) || list.some((item) => isTree(item) && 'Fn::If' in item)) {
    return undefined;
  }
  const variables: Record<string, unknown> = {};
  const pieces = list.map((item: unknown, index) => {
    if (typeof item === 'string') return item.replaceAll('${', '${!');
    variables[`V${index}`] = otherwise(random, item);
    return `\${V${index}}`;
  });
  const text = pieces.join(separator);
  return { 'Fn::Sub': Object.keys(variables).length === 0 ? text : [text, variables as Tree] };
}

function joined(text: string): unknown {
  const pieces = text.split(/\$\{([^}]*)\}/).map((piece, index): unknown => {
    if (index % 2 === 0) return piece;
    const [id = piece, ...rest] = piece.split('.');
    return piece.startsWith('!')
      ? `\${${piece.slice(1)}}`
      : rest.length === 0
        ? { Ref: id }
        : { 'Fn::GetAtt': [id, rest.join('.')] };
  });
  return { 'Fn::Join': ['', pieces] };
}
