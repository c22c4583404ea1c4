import type { Architecture } from '../../architecture/architecture';
import { MOST } from '../../config/bounds';
import { holds } from '../capacity';
import { type Ceiling, taken } from '../ceiling';
import { COEFFICIENTS as C } from '../coefficients';
import { loadOf } from '../load';
import { bearableUtilisation } from '../models/queueing';
import { rowSharesOf } from '../row-shares';
import { coresOfQueries, serverlessConnections, shareOf } from '../tiers/databases';
import { extremeCeilings } from '../tiers/extreme';
import type { DatabaseOption } from './data-options';
import { inOneLine } from './in-one-line';
import type { Impossible, Wanted } from './wanted';

/** Greatest capacities that are looked at, Aurora capacity units; the bill counts the least. */
const CAPACITIES = [8, 16, 32, 64, 128, 256] as const;

/** Numbers and capacities of clusters that carry the sharded rows; the fewest for each capacity. */
export function shardOptions(architecture: Architecture, wanted: Wanted): DatabaseOption[] | Impossible {
  const { sharding } = architecture;
  if (sharding?.engine !== 'clusters') return [{ choice: {}, rank: 0, connections: Number.POSITIVE_INFINITY }];
  const { configuration, headroom } = wanted;
  const load = loadOf(configuration.traffic, architecture);
  let nearest: Ceiling | undefined;
  const found = CAPACITIES.filter((capacity) => capacity >= sharding.minCapacity).flatMap(
    (maxCapacity): DatabaseOption[] => {
      const failing = (clusters: number): Ceiling | undefined =>
        extremeCeilings({ ...architecture, functions: [], sharding: { ...sharding, clusters, maxCapacity } }, load)
          .filter(({ tier, resource }) => tier === 'shards' && resource !== 'database connections')
          .find((ceiling) => !holds(ceiling, headroom));
      let clusters = 1;
      for (let worst = failing(clusters); worst !== undefined; worst = failing(clusters)) {
        if (clusters >= MOST.clusters) {
          if (nearest === undefined || taken(worst) < taken(nearest)) nearest = worst;
          return [];
        }
        clusters += 1;
      }
      const minCapacity = Math.min(
        maxCapacity,
        Math.max(sharding.minCapacity, restingCapacity(clusters, wanted, architecture)),
      );
      const choice = {
        'data.sharding.clusters': clusters,
        'data.sharding.minCapacity': minCapacity,
        'data.sharding.maxCapacity': maxCapacity,
      };
      const connections = serverlessConnections(minCapacity, maxCapacity);
      return [{ choice, rank: clusters * minCapacity * (1 + sharding.readers), connections }];
    },
  );
  if (found.length === 0) return { why: nearest === undefined ? 'no capacity is allowed' : inOneLine(nearest) };
  return found.sort((a, b) => a.rank - b.rank);
}

/** Capacity that one of so many clusters works at on average, in halves of a unit: what the bill counts. */
function restingCapacity(clusters: number, { configuration }: Wanted, architecture: Architecture): number {
  const average = loadOf({ ...configuration.traffic, peakFactor: 1 }, architecture);
  const cores = coresOfQueries(shareOf(average, rowSharesOf(architecture).sharded / clusters)) / bearableUtilisation(1);
  return Math.ceil(cores * C.acuPerVcpu.value * 2) / 2;
}
