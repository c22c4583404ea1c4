import { memoized, memoizedPair } from './memoized';
import { type PolicyStatement, policyStatements, type Targets } from './policy-statements';
import { rendered } from './render-value';
import type { Template } from './template';
import { isTree } from './values';

/** Policy statements that a change adds and removes. */
export interface PermissionChanges {
  readonly added: readonly PolicyStatement[];
  readonly removed: readonly PolicyStatement[];
}

/**
 * Compares the policies of one stack: statement by statement, and in them who, what and where one by one. The CDK
 * merges and sorts statements, so that one more action would otherwise read as one statement gone and another come.
 */
export const permissionChanges = memoizedPair((before: Template, after: Template): PermissionChanges => {
  const [was, is] = [atomsOf(before), atomsOf(after)];
  const beyond = (one: Atoms, other: Atoms) =>
    regrouped([...one].flatMap(([key, atom]) => (other.has(key) ? [] : [atom])));
  return { added: beyond(is, was), removed: beyond(was, is) };
});

type Atoms = ReadonlyMap<string, PolicyStatement>;

/** Statements taken apart until each names one of everything. */
const atomsOf = memoized((template: Template): Atoms => {
  const atoms = policyStatements(template).flatMap((statement) =>
    single(statement.principals).flatMap((principals) =>
      single(statement.actions).flatMap((actions) =>
        single(statement.resources).map((resources) => ({ ...statement, principals, actions, resources })),
      ),
    ),
  );
  return new Map(atoms.map((atom) => [keyOf(atom, ['principals', 'actions', 'resources']), atom]));
});

function single({ values, not }: Targets): Targets[] {
  return not ? [{ values: [...values].sort(), not }] : values.map((value) => ({ values: [value], not }));
}

type Part = 'principals' | 'actions' | 'resources';

function keyOf({ effect, condition, ...parts }: PolicyStatement, by: readonly Part[]): string {
  return JSON.stringify([effect, canonical(condition), ...by.map((part) => [parts[part].not, parts[part].values])]);
}

/** A condition in one order of keys, with its references in one form. */
export function canonical(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? canonicalObject(value) : inOneForm(value);
}

const canonicalObject = memoized(inOneForm);

function inOneForm(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item)).sort((a, b) => sortKey(a).localeCompare(sortKey(b)));
    return items.length === 1 ? items[0] : items;
  }
  if (!isTree(value)) return value === undefined ? undefined : String(value);
  const [[name] = [''], ...others] = Object.entries(value);
  if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return rendered(value);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, canonical(inner)] as const)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

function sortKey(item: unknown): string {
  return typeof item === 'string' ? item : JSON.stringify(item);
}

/** Puts together again, within one policy, what differs in one part only: first what is done, then to what, then by whom. */
function regrouped(atoms: readonly PolicyStatement[]): PolicyStatement[] {
  const by = (part: Part, fixed: readonly Part[]) => (statements: readonly PolicyStatement[]) => {
    const groups = new Map<string, PolicyStatement>();
    for (const one of statements) {
      const key = `${one.holder} ${keyOf(one, fixed)}${one[part].not ? JSON.stringify(one[part].values) : ''}`;
      const known = groups.get(key);
      const values = [...new Set([...(known?.[part].values ?? []), ...one[part].values])];
      groups.set(key, { ...(known ?? one), [part]: { values, not: one[part].not } });
    }
    return [...groups.values()];
  };
  const actions = by('actions', ['principals', 'resources'])(atoms);
  const resources = by('resources', ['principals', 'actions'])(actions);
  return by('principals', ['actions', 'resources'])(resources);
}
