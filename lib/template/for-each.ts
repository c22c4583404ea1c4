import { evaluated, type Scope } from './evaluate';
import { isLiteral, isTree, type Tree } from './values';

const LOOP = 'Fn::ForEach::';

/** Recognises keys that are loops, not names. */
export function isLoop(key: string): boolean {
  return key.startsWith(LOOP);
}

/**
 * A value with the loops of `AWS::LanguageExtensions` written out, as CloudFormation does before it reads a template. A
 * loop over a list that is not known is left as it is written.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
 */
export function loopsWrittenOut(value: unknown, scope: Scope): unknown {
  return hasLoop(value) ? withRounds(value, scope) : value;
}

function withRounds(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => loopsWrittenOut(item, scope));
  if (!isTree(value)) return value;
  const entries = Object.entries(value);
  const parts = entries.flatMap(([key, inner]): (readonly [string, unknown])[] => {
    if (!isLoop(key)) return [[key, loopsWrittenOut(inner, scope)]];
    return Object.entries(rounds(inner, scope) ?? { [key]: inner });
  });
  return Object.fromEntries(parts);
}

/** True when a value holds a loop, which most templates do not: nothing is copied to find that out. */
function hasLoop(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasLoop);
  if (!isTree(value)) return false;
  for (const key in value) if (isLoop(key) || hasLoop(value[key])) return true;
  return false;
}

/** Everything that a loop writes; undefined when its list is not known. */
function rounds(loop: unknown, scope: Scope): Tree | undefined {
  const [identifier, collection, body] = Array.isArray(loop) ? (loop as readonly unknown[]) : [];
  const items = evaluated(collection, scope);
  if (typeof identifier !== 'string' || !isTree(body) || !Array.isArray(items) || !items.every(isLiteral)) {
    return undefined;
  }
  const all = items.flatMap((item) => {
    const round = loopsWrittenOut(filled(body, identifier, String(item)), scope);
    return isTree(round) ? Object.entries(round) : [];
  });
  return Object.fromEntries(all);
}

/** `&{Name}` leaves out what may not stand in a logical id. */
function filled(value: unknown, identifier: string, item: string): unknown {
  const text = (one: string): string =>
    one
      .replaceAll(`\${${identifier}}`, () => item)
      .replaceAll(`&{${identifier}}`, () => item.replace(/[^A-Za-z0-9]/g, ''));
  const inside = (one: unknown): unknown => {
    if (typeof one === 'string') return text(one);
    if (Array.isArray(one)) return one.map(inside);
    if (!isTree(one)) return one;
    const entries = Object.entries(one);
    if (entries.length === 1 && one['Ref'] === identifier) return item;
    return Object.fromEntries(entries.map(([key, inner]) => [text(key), inside(inner)]));
  };
  return inside(value);
}
