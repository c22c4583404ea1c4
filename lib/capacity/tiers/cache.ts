import type { Architecture } from '../../architecture/architecture';
import { classSize } from '../../facts/class-size';
import type { Ceiling } from '../ceiling';
import { COEFFICIENTS as C, SMALL_CACHE_GIB } from '../coefficients';
import { GIB, type Load } from '../load';
import { rowsFor } from '../models/popularity';

/** Memory of a cache node for data, GiB. */
export function cacheGiB(name: string): number | undefined {
  const size = classSize(name);
  if (size === undefined) return undefined;
  const most =
    (size.burstable ? SMALL_CACHE_GIB[name.split('.').at(-1) ?? ''] : undefined) ??
    size.memoryGiB * C.cacheMemoryShare.value;
  return most * (1 - C.reservedCacheShare.value);
}

/** Memory that the expected share of hits takes, and the sessions of who is connected, GiB. */
export function cachedGiB(load: Load): number {
  const rows = rowsFor(load.cacheHitShare, load.rows);
  return (rows * (load.rowBytes + C.bytesPerCachedRow.value) + load.connections * C.bytesPerSession.value) / GIB;
}

/** vCPUs from which ElastiCache reads and writes sockets by threads of their own. */
const IO_THREADS_FROM = 8;

/** Ceilings of the primary: replicas wait for its end, and answer nothing. */
export function cacheCeilings({ cache }: Architecture, load: Load): Ceiling[] {
  if (cache === undefined) return [];
  const memory = cacheGiB(cache.class);
  if (memory === undefined) return [];
  const { networkMbps: network, vcpu = 0 } = classSize(cache.class) ?? {};
  const threads = vcpu >= IO_THREADS_FROM ? C.cacheOperationsWithIoThreads : C.cacheOperations;
  return [
    {
      tier: 'cache',
      resource: 'memory',
      load: cachedGiB(load),
      most: memory,
      unit: 'GiB',
      basis: 'assumed',
      why: `${cache.class} without a quarter for snapshots; the rows that answer so many reads by Zipf's law, and sessions`,
    },
    {
      tier: 'cache',
      resource: 'operations',
      // Each read asks the cache, and each request its session.
      load: load.peak.reads + load.peakAtNodes,
      most: threads.value,
      unit: 'a second',
      basis: 'assumed',
      why: 'one thread of the primary executes all commands',
    },
    ...(network === undefined
      ? []
      : [
          {
            tier: 'cache',
            resource: 'network',
            load: (load.peak.reads * load.cacheHitShare * load.rowBytes * 8) / 1e6,
            most: network,
            unit: 'Mbit/s',
            basis: 'sourced',
            why: `baseline of ${cache.class}`,
          } as const,
        ]),
  ];
}
