import { isReadAtBoot } from '../../../facts/boot-parameters';
import type { Place } from '../../../template/references';
import type { TemplateResource } from '../../../template/template';
import { nameOf } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';

/** A parameter that is new, or says something else. */
export interface Published extends Place {
  readonly name: string;
}

/** Parameters of an environment that are new, or say something else. */
export function publishedAnew(changes: ReadonlyMap<string, ResourceChange>): Published[] {
  return [...changes.values()].flatMap(({ stack, id, type, is, change, effects }) => {
    const name = is?.Properties?.['Name'];
    if (type !== 'AWS::SSM::Parameter' || typeof name !== 'string' || !name.startsWith('/beamstalk/')) return [];
    return change === 'adds' || effects.some(({ property }) => property === 'Value') ? [{ stack, id, name }] : [];
  });
}

/** Those that the nodes of a fleet read when they boot; a NAT instance reads nothing. */
export function readByNodesOf(fleet: TemplateResource, published: readonly Published[]): readonly Published[] {
  const role = ROLES[nameOf(fleet)] ?? '';
  return published.filter(({ name }) => isReadAtBoot(role, name.split('/').slice(3).join('/')));
}

const ROLES: Readonly<Record<string, string>> = {
  'single server': 'box',
  'app fleet': 'app',
  'worker fleet': 'worker',
  'web fleet': 'web',
  mover: 'mover',
};

/** Names of which many are in the same folder: the folder stands for them. */
export function shortened(published: readonly Published[]): string {
  const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('/'));
  const names = published.map(({ name }) => name);
  return [...new Set(names.map(folderOf))]
    .flatMap((folder) => {
      const inside = names.filter((name) => folderOf(name) === folder);
      return inside.length > 2 ? [`${folder}/*`] : inside;
    })
    .join(', ');
}
