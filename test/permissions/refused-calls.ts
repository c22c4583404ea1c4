import { actionOf, kindsNamed } from './authorization';
import type { Call, Caller } from './calls';
import type { Grant, Role } from './grants';
import { fits, overlap, policyPattern, typePattern } from './patterns';

/** Calls that are made with a role whose policies do not allow them, one line each. */
export async function refusedCalls(
  callers: readonly Caller[],
  roles: readonly Role[],
  environment: string,
): Promise<string[]> {
  const byPlace = new Map(roles.map((role) => [`${role.stack}/${role.id}`, role]));
  const refused = await Promise.all(
    callers.map(async ({ role: place, calls }) => {
      const role = byPlace.get(place);
      if (role === undefined) return [`${place}: is no role, and calls are made with it`];
      const lines = await Promise.all(calls.map((call) => refusalsOf(call, role, environment)));
      return lines.flat().map((line) => `${place}: ${line}`);
    }),
  );
  return [...new Set(refused.flat())];
}

async function refusalsOf({ actions, where, parameter }: Call, role: Role, environment: string): Promise<string[]> {
  const lines = await Promise.all(
    actions.map(async (name): Promise<string[]> => {
      const action = await actionOf(name);
      if (action === undefined) return [`${name} is no action of AWS (${where})`];
      const granted = role.grants.filter(
        (grant) => grant.effect === 'Allow' && grant.actions.some((pattern) => fits(pattern, action.name)),
      );
      const alive = granted.filter(({ resources }) =>
        resources.some((resource) => resource === '*' || kindsNamed(action, resource).length > 0),
      );
      if (alive.length === 0) return [`may not ${action.name} (${where})`];
      if (parameter === undefined || speaksOf(alive, parameter, environment)) return [];
      return [`may not ${action.name} ${parameter} (${where})`];
    }),
  );
  return lines.flat();
}

/** A variable that may hold slashes, see patterns.ts. */
const ANYTHING = `\${ObjectName}`;

function speaksOf(grants: readonly Grant[], parameter: string, environment: string): boolean {
  const name = parameter.replace('<environment>', environment).replace(/\/$/, '');
  const wanted = typePattern(`arn:\${Partition}:ssm:\${Region}:\${Account}:parameter${name.replaceAll('*', ANYTHING)}`);
  return grants.some(({ resources }) => resources.some((resource) => overlap(policyPattern(resource), wanted)));
}
