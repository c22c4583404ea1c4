import type { Configuration } from '../../config/configuration';
import type { Architecture, Phase } from '../architecture';

export const phase3 = {
  number: 3,
  name: 'read-heavy',
  adds: 'Valkey for sessions and hot reads, read replicas behind one name, Multi-AZ primary',
  retires: [],
} as const satisfies Phase;

/** Reads stop drowning the database, and nodes stop holding sessions. */
export function readHeavy(below: Architecture, { database, cache }: Configuration): Architecture {
  return {
    ...below,
    ...(below.database && {
      database: {
        ...below.database,
        multiAz: true,
        readers: { count: database.replicas, class: database.replicaClass ?? database.class },
      },
    }),
    ...(below.ingress && { ingress: { ...below.ingress, stickySessions: false } }),
    cache,
  };
}
