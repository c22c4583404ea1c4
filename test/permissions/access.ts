import { actionsLike } from './authorization';
import { nameOf } from './execution';
import type { Role } from './grants';

/** What a role may do, in a few words for people: services by how far it may go with them. */
export async function accessOf(role: Role): Promise<string> {
  const levels = new Map<string, Set<string>>();
  for (const { effect, actions } of role.grants) {
    if (effect === 'Deny') continue;
    for (const action of (await Promise.all(actions.map(actionsLike))).flat()) {
      const [service = ''] = action.name.split(':');
      const known = levels.get(service) ?? new Set<string>();
      known.add(action.access === 'List' || action.access === 'Read' ? 'r' : 'w');
      levels.set(service, known);
    }
  }
  const services = [...levels].map(([service, level]) => `${service} ${[...level].sort().join('')}`);
  const managed = role.managed.filter((arn) => arn.includes(':aws:policy/')).map((arn) => arn.replace(/^.*\//, ''));
  return [...services.sort(), ...managed].join(', ');
}

/** A table of all roles of an environment: who takes each, and what it may do. */
export async function accessTable(roles: readonly Role[], environment: string): Promise<string> {
  const rows = await Promise.all(
    roles.map(async (role) => {
      const name = nameOf(role).replace(`${environment}-`, '');
      return `| ${name} | ${role.trusted.map((one) => one.replace('.amazonaws.com', '')).join(', ')} | ${await accessOf(role)} |`;
    }),
  );
  return ['| role | taken by | may |', '| --- | --- | --- |', ...rows.sort()].join('\n');
}
