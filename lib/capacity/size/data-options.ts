import type { Architecture, DatabasePlan } from '../../architecture/architecture';
import { MOST } from '../../config/bounds';
import type { Configuration } from '../../config/configuration';
import { classSize } from '../../facts/class-size';
import { holds } from '../capacity';
import { type Ceiling, taken, tightestOf } from '../ceiling';
import { type Load, loadOf } from '../load';
import { cacheCeilings } from '../tiers/cache';
import { type DatabaseLoad, databaseCeilings, mostConnections } from '../tiers/databases';
import { inOneLine } from './in-one-line';
import type { Impossible, Option, Wanted } from './wanted';

/** A size of a database, and the connections that it takes. */
export interface DatabaseOption extends Option {
  readonly connections: number;
}

/** Storage from which RDS stripes a volume, GiB. */
const STRIPED = 400;

/** Databases of one size, by the settings that say it. */
export interface Place {
  readonly keys: readonly string[];
  readonly plan: DatabasePlan;
  readonly share: DatabaseLoad;
  readonly mayReplicate: boolean;
}

/** Sizes of the databases at a place that carry its share of the load, by classes, replicas and storage. */
export function databaseOptions(
  { keys, plan, share, mayReplicate }: Place,
  load: Load,
  wanted: Wanted,
): DatabaseOption[] | Impossible {
  const { catalogue, prices, headroom, survive } = wanted;
  const zones = plan.multiAz ? 'multi' : 'single';
  const found: DatabaseOption[] = [];
  let nearest: Ceiling | undefined;
  // Once every class carries it, more replicas only cost more.
  let allHold = false;
  for (let count = 0; count <= (mayReplicate ? catalogue.mostReplicas : 0) && !allHold; count++) {
    allHold = true;
    for (const storageGiB of new Set([plan.storageGiB, Math.max(STRIPED, plan.storageGiB)])) {
      const needed = Math.ceil(share.dataGiB / (1 - headroom));
      const maxStorageGiB = Math.min(
        MOST.storageGiB,
        Math.max(plan.maxStorageGiB, needed, Math.ceil(storageGiB * LEAST_GROWTH)),
      );
      for (const ladder of catalogue.databaseLadders) {
        for (const name of ladder) {
          const [single, writer] = [prices.database(name, 'single'), prices.database(name, zones)];
          const size = classSize(name);
          if (single === undefined || writer === undefined || size === undefined) continue;
          const readers = mayReplicate ? { readers: { count, class: name, engineVersion: plan.engineVersion } } : {};
          const sized = { ...plan, class: name, storageGiB, maxStorageGiB, ...readers };
          const failing = databaseCeilings(sized, { writer: 'database', readers: 'read replicas' }, share, load, 0)
            .filter(({ event }) => event === undefined || survive.includes(event))
            .filter((ceiling) => !holds(ceiling, headroom));
          const worst = tightestOf(failing);
          if (worst !== undefined) {
            allHold = false;
            if (nearest === undefined || taken(worst) < taken(nearest)) nearest = worst;
            continue;
          }
          const rank = writer + count * single + storageGiB * prices.storageGiB * (1 + count + (plan.multiAz ? 1 : 0));
          const choice = Object.fromEntries(
            keys.flatMap((key) => [
              [`${key}.class`, name],
              [`${key}.storageGiB`, storageGiB],
              [`${key}.maxStorageGiB`, maxStorageGiB],
              ...(mayReplicate ? [[`${key}.replicas`, count]] : []),
            ]),
          );
          found.push({ choice, rank: rank * keys.length, connections: mostConnections(size.memoryGiB) });
        }
      }
    }
  }
  if (found.length === 0)
    return { why: nearest === undefined ? 'no class of the database has a price' : inOneLine(nearest) };
  return found.sort((a, b) => a.rank - b.rank);
}

/** The check of the configuration asks for a tenth more than what is allocated at first. */
const LEAST_GROWTH = 1.1;

/** Node types of the cache that carry the load. */
export function cacheOptions(
  architecture: Architecture,
  configuration: Configuration,
  wanted: Wanted,
): Option[] | Impossible {
  const { cache } = architecture;
  if (cache === undefined) return [{ choice: {}, rank: 0 }];
  const { catalogue, prices, headroom } = wanted;
  const load = loadOf(configuration.traffic, architecture);
  let nearest: Ceiling | undefined;
  const found = catalogue.cacheLadders.flat().flatMap((name): Option[] => {
    const each = prices.cacheNode(name);
    if (each === undefined) return [];
    const failing = cacheCeilings({ ...architecture, cache: { ...cache, class: name } }, load).filter(
      (one) => !holds(one, headroom),
    );
    const worst = tightestOf(failing);
    if (worst === undefined) return [{ choice: { 'cache.class': name }, rank: each * (1 + cache.replicas) }];
    if (nearest === undefined || taken(worst) < taken(nearest)) nearest = worst;
    return [];
  });
  if (found.length === 0)
    return { why: nearest === undefined ? 'no node type of the cache has a price' : inOneLine(nearest) };
  return found.sort((a, b) => a.rank - b.rank);
}
