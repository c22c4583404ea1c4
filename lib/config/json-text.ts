import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';

/** A JSON text with what JSON.parse forgets of it: keys that are said more than once, and how numbers are written. */
export interface JsonText {
  readonly value: unknown;
  /** Keys that stand more than once in one object; of those JSON.parse takes the last. */
  readonly repeated: readonly RepeatedKey[];
  /** A number as it stands in the text, or undefined where there is none: `1e999` is Infinity, which JSON cannot say. */
  readonly numberAt: (path: readonly string[]) => string | undefined;
}

export interface RepeatedKey {
  readonly path: readonly string[];
  /** Lines of the text that say it, from 1. */
  readonly lines: readonly number[];
}

/**
 * Reads a JSON text.
 *
 * @throws SyntaxError when it is none.
 */
export function readJson(text: string): JsonText {
  const value = JSON.parse(text) as unknown;
  const root = parseTree(text);
  return {
    value,
    repeated: root === undefined ? [] : repeatedIn(root, [], text),
    numberAt: (path) => {
      const node = root && findNodeAtLocation(root, path.map(segment(value)));
      return node?.type === 'number' ? text.slice(node.offset, node.offset + node.length) : undefined;
    },
  };
}

/** A path as the parser wants it: the places of a list are numbers, and keys of an object text, digits or not. */
function segment(value: unknown): (part: string) => string | number {
  let at = value;
  return (part) => {
    const isPlace = Array.isArray(at);
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? (at as Record<string, unknown>)[part] : {};
    return isPlace && /^\d+$/.test(part) ? Number(part) : part;
  };
}

function repeatedIn(node: Node, path: readonly string[], text: string): RepeatedKey[] {
  const children = node.children ?? [];
  if (node.type === 'array')
    return children.flatMap((child, index) => repeatedIn(child, [...path, String(index)], text));
  if (node.type !== 'object') return [];
  const offsets = new Map<string, number[]>();
  const below = children.flatMap(({ children: [key, value] = [] }) => {
    if (key === undefined || value === undefined) return [];
    const name = String(key.value);
    offsets.set(name, [...(offsets.get(name) ?? []), key.offset]);
    return repeatedIn(value, [...path, name], text);
  });
  const here = [...offsets].filter(([, places]) => places.length > 1);
  return [
    ...here.map(([name, places]) => ({ path: [...path, name], lines: places.map((at) => lineOf(text, at)) })),
    ...below,
  ];
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
