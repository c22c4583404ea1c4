import { isDeepStrictEqual } from 'node:util';
import { rendered } from '../../template/render-value';
import { isTree, type Tree } from '../../template/values';

/** One value inside a property that differs. Texts as `rendered` writes them, shortened in the middle. */
export interface ValueDifference {
  /** Way to the value, from the property on: `LaunchTemplateData.InstanceType`, `TargetGroupAttributes[stickiness.enabled]`. */
  readonly path: string;
  /** Absent when the value is new. */
  readonly before?: string;
  /** Absent when the value is no longer set. */
  readonly after?: string;
}

/** Longest text of a value, in characters: what is longer loses its middle. */
const LONGEST = 60;

/** Names of values that are secrets unless they refer to one. */
const SECRET =
  /password|passphrase|secret(?!s?manager|name|arn|id)|(auth|access|api|bearer|security)_?token|private_?key|api_?key/i;

/** Stands for a secret: a diff is printed in pull requests and kept in logs. */
const HIDDEN = '(hidden)';

/** Lists the values that differ inside one property, each with its old and new text; secrets are never among them. */
export function valueDifferences(property: string, before: unknown, after: unknown): ValueDifference[] {
  return differences(property, before, after).map(({ path, was, is }) => {
    const hide = SECRET.test(path);
    const [old, now] = [was, is].map((value) => (value === undefined ? undefined : shown(value, hide)));
    const from = old === undefined || now === undefined ? 0 : firstDifference(old, now);
    return {
      path,
      ...(old !== undefined && { before: shortened(old, from) }),
      ...(now !== undefined && { after: shortened(now, from) }),
    };
  });
}

interface Differing {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

function differences(path: string, was: unknown, is: unknown): Differing[] {
  if (isDeepStrictEqual(was, is)) return [];
  if (isBranch(was) && isBranch(is)) {
    return namesOf(was, is).flatMap((name) => differences(`${path}.${name}`, was[name], is[name]));
  }
  if (Array.isArray(was) && Array.isArray(is)) return inLists(path, was as unknown[], is as unknown[]);
  return [{ path, was, is }];
}

/** Lists of named entries are compared by name, others by what only one of them has: moving an entry is no change of it. */
function inLists(path: string, was: readonly unknown[], is: readonly unknown[]): Differing[] {
  const [had, has] = [byName(was), byName(is)];
  if (had !== undefined && has !== undefined) {
    return namesOf(had, has).flatMap((name) => differences(`${path}[${name}]`, had[name], has[name]));
  }
  const without = (list: readonly unknown[], other: readonly unknown[]) =>
    list.filter((one) => !other.some((same) => isDeepStrictEqual(one, same)));
  const [gone, come] = [without(was, is), without(is, was)];
  if (gone.length === 1 && come.length === 1) return differences(`${path}[]`, gone[0], come[0]);
  if (gone.length === 0 && come.length === 0) return [{ path, was, is }];
  return [
    ...gone.map((one) => ({ path: `${path}[]`, was: one, is: undefined })),
    ...come.map((one) => ({ path: `${path}[]`, was: undefined, is: one })),
  ];
}

/** Entries such as `{ Key, Value }` by their keys; nothing when an entry has another form or a key comes twice. */
function byName(list: readonly unknown[]): Tree | undefined {
  const entries = list.map((entry) => {
    if (!isTree(entry)) return undefined;
    const name = entry['Key'] ?? entry['Name'] ?? entry['OptionName'] ?? entry['ParameterName'];
    const value = entry['Value'] ?? entry['OptionValue'] ?? entry['ParameterValue'];
    const plain = Object.keys(entry).length === 2 && typeof name === 'string' && value !== undefined;
    return plain ? ([name, value] as const) : undefined;
  });
  const named = entries.filter((entry) => entry !== undefined);
  const tree = Object.fromEntries(named);
  return named.length === list.length && Object.keys(tree).length === list.length ? tree : undefined;
}

function namesOf(was: Tree, is: Tree): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])];
}

/** An object with parts of its own; an intrinsic function is one value. */
function isBranch(value: unknown): value is Tree {
  if (!isTree(value)) return false;
  const [name = '', ...others] = Object.keys(value);
  return others.length > 0 || !/^(Ref|Fn::|Condition$)/.test(name);
}

function shown(value: unknown, hide: boolean): string {
  if (hide && !isReference(value)) return HIDDEN;
  const text = rendered(withoutSecrets(value)).replace(/\s+/g, ' ');
  return text === '' ? "''" : text;
}

function firstDifference(a: string, b: string): number {
  let index = 0;
  while (index < a.length && index < b.length && a[index] === b[index]) index += 1;
  return index;
}

/** A long text without its middle; where only its middle differs, that is what is left of it. */
function shortened(text: string, from: number): string {
  if (text.length <= LONGEST) return text;
  const half = Math.floor((LONGEST - 5) / 2);
  if (from < half) return `${text.slice(0, half)} ... ${text.slice(-half)}`;
  const start = Math.min(Math.max(0, from - 10), text.length - 2 * half);
  return `... ${text.slice(start, start + 2 * half - 8)}${start + 2 * half - 8 < text.length ? ' ...' : ''}`;
}

/** A copy in which secrets are hidden, by the name of a part or by that of an entry such as `{ Name, Value }`. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isBranch(value)) return value;
  const entry = SECRET.test(
    String(value['Key'] ?? value['Name'] ?? value['OptionName'] ?? value['ParameterName'] ?? ''),
  );
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const hide = (SECRET.test(name) || (entry && name.endsWith('Value'))) && !isReference(inner);
      return [name, hide ? HIDDEN : withoutSecrets(inner)];
    }),
  );
}

/** Recognises values that name a secret without holding it: a reference, or a dynamic reference that CloudFormation resolves. */
function isReference(value: unknown): boolean {
  if (typeof value === 'boolean' || typeof value === 'number') return true;
  if (typeof value === 'string') return /^\{\{resolve:(secretsmanager|ssm-secure|ssm):[^}]*\}\}$|^arn:/.test(value);
  return isTree(value) && !isBranch(value) && !['Fn::Join', 'Fn::Sub', 'Fn::If'].some((name) => name in value)
    ? true
    : /\{\{resolve:(secretsmanager|ssm-secure):/.test(rendered(value));
}
