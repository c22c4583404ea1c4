import type { Configuration } from '../../config/configuration';
import { passwordAge } from '../../config/password-age';
import type { Architecture, Phase } from '../architecture';
import { movedParts } from '../moved-parts';
import { moverPlan } from '../mover';

export const phase1 = {
  number: 1,
  name: 'decoupled',
  adds: 'S3 for assets and uploads, RDS for PostgreSQL in isolated subnets, generated credentials',
  retires: ['localDatabase'],
  whileExpanding: ['mover'],
  moves: 'data',
} as const satisfies Phase;

/** The application and its data stop fighting for one machine. */
export function decoupled(below: Architecture, configuration: Configuration): Architecture {
  const { database } = configuration;
  return {
    ...below,
    storage: { ...below.storage, userFiles: true },
    mover: moverPlan(below.box?.instanceType, movedParts(phase1, [])),
    database: {
      name: database.name,
      class: database.class,
      engineVersion: database.engineVersion,
      storageGiB: database.storageGiB,
      maxStorageGiB: database.maxStorageGiB,
      multiAz: database.multiAz,
      backupDays: database.backupDays,
      insights: database.insights,
      slowQueryMs: database.slowQueryMs,
      ...passwordAge(configuration),
    },
  };
}
