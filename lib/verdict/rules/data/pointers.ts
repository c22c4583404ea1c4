import { type Climb, contractsData } from '../../../climb/climb';
import { keyOf, type Place, producersOf, referencesIn } from '../../../template/references';
import { rendered } from '../../../template/render-value';
import { holds } from '../../../template/stateful';
import type { Templates } from '../../../template/template';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';

export const POINTERS: Check = {
  rules: [
    {
      id: 'data-pointer-moved',
      severity: 'refused',
      summary: 'A published parameter by which nodes find their data would lead elsewhere, or goes.',
      why: 'Nodes would read and write in the wrong place; to users their data are gone.',
    },
    {
      id: 'name-unresolved',
      severity: 'refused',
      summary: 'A published DNS name no longer resolves.',
      why: 'Nodes go on asking for the name they were told.',
    },
  ],
  find: ({ before, after, climb }) => [...strayPointers(before, after, climb), ...emptyNames(before, after)],
};

/** A parameter by which nodes find something. */
interface Pointer extends Place {
  readonly name: string;
  readonly value: string;
  /** Data stores among the targets. */
  readonly data: readonly Place[];
}

/**
 * Published parameters by which nodes find their data, that would lead elsewhere or nowhere. Nothing is lost in the old
 * place, and nobody looks there any more: to users their data is gone, and what they write lands in the wrong place.
 */
export function strayPointers(before: Templates, after: Templates, climb?: Climb): Finding[] {
  const now = new Map(pointersIn(after).map((pointer) => [pointer.name, pointer]));
  return pointersIn(before).flatMap(({ stack, id, name, value, data }): Finding[] => {
    const lasting = data.filter((place) => after[place.stack]?.Resources[place.id] !== undefined);
    const is = now.get(name);
    if (data.length === 0 || is?.value === value || (is === undefined && lasting.length === 0)) return [];
    const same = is !== undefined && data.every((place) => is.data.some((other) => keyOf(other) === keyOf(place)));
    // Another attribute of the same thing is no other place, and neither is a port written out.
    if (same || /^\d{1,5}$/.test(is?.value ?? '')) return [];
    const moves = climb !== undefined && contractsData(climb);
    return [
      {
        severity: moves ? 'needs-migration' : 'refused',
        rule: 'data-pointer-moved',
        stack,
        id,
        message:
          is === undefined
            ? `nodes find ${data[0]?.id} by ${name}, which would no longer be there`
            : `nodes find ${data[0]?.id} by ${name}, which would lead to ${is.data[0]?.id ?? is.value}`,
        remedy: moves
          ? 'only once the data has moved, by the runbook of the climb'
          : 'leave it as it is; what is new is published under a name of its own',
      },
    ];
  });
}

/** Published names that no record answers to any more: nodes go on asking for them. */
export function emptyNames(before: Templates, after: Templates): Finding[] {
  const [had, has] = [namesIn(before), namesIn(after)];
  return pointersIn(after)
    .filter(({ value }) => had.has(value) && !has.has(value))
    .map(({ stack, id, name, value }) => ({
      severity: 'refused',
      rule: 'name-unresolved',
      stack,
      id,
      message: `nodes are told ${value} by ${name}, and that name no longer resolves`,
      remedy: 'publish first where nodes shall go, let them start again, then take the name away',
    }));
}

function namesIn(templates: Templates): Set<string> {
  const records = Object.values(templates).flatMap(({ Resources }) =>
    Object.values(Resources).filter(({ Type }) => Type === 'AWS::Route53::RecordSet'),
  );
  return new Set(records.map(({ Properties }) => rendered(Properties?.['Name']).replace(/\.$/, '')));
}

function pointersIn(templates: Templates): Pointer[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
      const { Name: name, Value: value } = Properties;
      if (Type !== 'AWS::SSM::Parameter' || typeof name !== 'string' || !name.startsWith('/beamstalk/')) return [];
      const places = referencesIn(value).flatMap((reference) =>
        reference.kind === 'resource' ? [{ stack, id: reference.id }] : (producersOf(reference, templates) ?? []),
      );
      const data = places.filter((place) => {
        const resource = templates[place.stack]?.Resources[place.id];
        return resource !== undefined && (holds(resource) !== undefined || resource.Type === ATTACHMENT);
      });
      return [{ stack, id, name, value: rendered(value), data }];
    }),
  );
}

/** An attachment, which adds the address of a database to a secret, stands for the secret. */
const ATTACHMENT = 'AWS::SecretsManager::SecretTargetAttachment';
