import type { Basis } from './coefficients';

/** A part of an architecture that carries load, as its users call it. */
export type Tier =
  | 'single server'
  | 'load balancer'
  | 'web'
  | 'app'
  | 'database'
  | 'read replicas'
  | 'cache'
  | 'workers'
  | 'Lambda workers'
  | 'function databases'
  | 'shards';

/** Event under which a ceiling holds. */
export type Event = 'a zone lost' | 'the cache lost';

/** The load of one resource of a tier beside the most that it takes. */
export interface Ceiling {
  readonly tier: Tier;
  /** Resource: `connections`, `CPU`, `network`, ... */
  readonly resource: Resource;
  readonly load: number;
  readonly most: number;
  readonly unit: string;
  readonly basis: Basis;
  /** Reckoning of the ceiling in words. */
  readonly why: string;
  /** True when the load follows from sizes, and traffic that grows leaves it alone. */
  readonly fixed?: true;
  /** Absent in the ordinary case, in which everything is there. */
  readonly event?: Event;
}

export type Resource =
  | 'connections'
  | 'descriptors'
  | 'CPU'
  | 'network'
  | 'connection pool'
  | 'targets'
  | 'database connections'
  | 'IOPS'
  | 'storage'
  | 'recovery'
  | 'memory'
  | 'operations'
  | 'copies'
  | 'jobs';

/** Part of the ceiling that is taken: above 1 it does not carry its load. */
export function taken({ load, most }: Ceiling): number {
  if (load <= 0) return 0;
  return most <= 0 ? Number.POSITIVE_INFINITY : load / most;
}

/** The ceiling that most of is taken of; undefined of none. */
export function tightestOf(ceilings: readonly Ceiling[]): Ceiling | undefined {
  return ceilings.reduce<Ceiling | undefined>(
    (worst, one) => (worst === undefined || taken(one) > taken(worst) ? one : worst),
    undefined,
  );
}

/**
 * Months for which a load that grows every month stays below its ceiling: 0 when it is above today, infinite without
 * growth.
 *
 * @param growth share a month, 0.05 for 5 %
 */
export function monthsLeft(ceiling: Ceiling, growth: number): number {
  const share = taken(ceiling);
  if (share > 1) return 0;
  if (share === 0 || growth <= 0 || ceiling.fixed) return Number.POSITIVE_INFINITY;
  return Math.floor(Math.log(1 / share) / Math.log1p(growth));
}
