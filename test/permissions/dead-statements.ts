import { type Action, actionsLike, carries, kindsNamed } from './authorization';
import type { Grant, Role } from './grants';

/** What a role is granted in writing and AWS would never grant: one line each. */
export async function deadStatements(role: Role): Promise<string[]> {
  const faults = await Promise.all(role.grants.map((grant) => faultsOf(grant)));
  return [...faults.flat(), ...(await unmetNeeds(role))];
}

/** What is wrong with one statement alone. */
export async function faultsOf(grant: Grant): Promise<string[]> {
  const faults: string[] = [];
  const used = new Set<string>();
  for (const pattern of grant.actions) {
    const actions = await actionsLike(pattern);
    if (actions.length === 0) faults.push(`${pattern} is no action of AWS`);
    for (const action of actions) {
      const named = reached(action, grant.resources);
      for (const resource of named) used.add(resource);
      // A wildcard takes in what this statement is not about.
      if (pattern.includes('*')) continue;
      if (named.length === 0) faults.push(`${action.name} ${cannotBe(action)} ${grant.resources.join(', ')}`);
      else faults.push(...unknownKeys(action, named, grant));
    }
  }
  const idle = grant.resources.filter((resource) => !used.has(resource));
  if (used.size > 0) faults.push(...idle.map((resource) => `none of its actions can be granted on ${resource}`));
  return faults.map((fault) => `${grant.where}: ${fault}`);
}

function cannotBe(action: Action): string {
  return action.kinds.length === 0
    ? 'takes no resource, so only * grants it, not'
    : `is granted on ${action.kinds.map(({ name }) => name).join(', ')}, not on`;
}

/** The resources of a statement that an action can be granted on. */
function reached(action: Action, resources: readonly string[]): readonly string[] {
  return resources.filter((resource) => resource === '*' || kindsNamed(action, resource).length > 0);
}

/** Operators that hold for a request which does not carry the key. */
const WITHOUT_KEY = /IfExists$|^Null$|Not/;

function unknownKeys(action: Action, resources: readonly string[], { conditions }: Grant): string[] {
  const kinds = resources.includes('*')
    ? action.kinds
    : resources.flatMap((resource) => [...kindsNamed(action, resource)]);
  return conditions
    .filter(({ operator, key }) => !WITHOUT_KEY.test(operator) && !carries(action, kinds, key))
    .map(({ key }) => `a request for ${action.name} does not carry ${key}, so the condition never holds`);
}

/** Actions that need resources of several kinds, of which the role is granted only some. */
async function unmetNeeds(role: Role): Promise<string[]> {
  const allowed = role.grants.filter(({ effect }) => effect === 'Allow');
  const granted = new Map<string, { action: Action; resources: string[]; where: string }>();
  for (const { actions, resources, where } of allowed) {
    for (const pattern of actions.filter((name) => !name.includes('*'))) {
      for (const action of await actionsLike(pattern)) {
        const entry = granted.get(action.name) ?? { action, resources: [], where };
        entry.resources.push(...resources);
        granted.set(action.name, entry);
      }
    }
  }
  return [...granted.values()].flatMap(({ action, resources, where }) =>
    resources.includes('*')
      ? []
      : action.kinds
          .filter(({ required }) => required)
          .filter((kind) => !resources.some((resource) => kindsNamed(action, resource).includes(kind)))
          .map(
            ({ name }) => `${where}: ${action.name} needs a resource of the kind ${name} too, and is granted on none`,
          ),
  );
}
