import type { Architecture } from '../architecture/architecture';
import type { Traffic } from '../config/traffic-settings';
import { type Ceiling, type Event, monthsLeft, taken, tightestOf } from './ceiling';
import { type Load, loadOf } from './load';
import { ASSUMED_WORK, type Work } from './measured';
import { cacheCeilings } from './tiers/cache';
import { databaseCeilings, pooled, shareOf } from './tiers/databases';
import { extremeCeilings } from './tiers/extreme';
import { appCeilings, frontCeilings, webCeilings } from './tiers/fleets';
import { singleServerCeilings } from './tiers/single-server';
import { workerCeilings } from './tiers/workers';

/** Everything that an architecture carries, beside what it is to carry. */
export interface Capacity {
  readonly load: Load;
  /** Every ceiling, in the order of the tiers. */
  readonly ceilings: readonly Ceiling[];
}

/** Part of a ceiling that is free, from 1 down to below 0. */
export interface Bottleneck {
  readonly ceiling: Ceiling;
  readonly headroom: number;
  /** Whole months for which growth leaves it below its ceiling. */
  readonly months: number;
}

/** Reckons every ceiling of an architecture under a traffic. */
export function capacityOf(architecture: Architecture, traffic: Traffic, work: Work = ASSUMED_WORK): Capacity {
  const load = loadOf(traffic, architecture);
  const { database } = architecture;
  // The write master gives way to the databases of functions, which stand beside it while a climb expands.
  const single =
    database === undefined || architecture.functions !== undefined
      ? []
      : databaseCeilings(
          database,
          { writer: 'database', readers: 'read replicas' },
          shareOf(load, 1),
          load,
          pooled(architecture),
        );
  return {
    load,
    ceilings: [
      ...singleServerCeilings(architecture, load, work),
      ...frontCeilings(architecture),
      ...webCeilings(architecture, load, work),
      ...appCeilings(architecture, load, work),
      ...cacheCeilings(architecture, load),
      ...single,
      ...workerCeilings(architecture, load),
      ...extremeCeilings(architecture, load),
    ],
  };
}

/** Ceilings that must hold: those of the ordinary case, and of the events that the system is to survive. */
export function binding({ ceilings }: Capacity, survive: readonly Event[]): Ceiling[] {
  return ceilings.filter(({ event }) => event === undefined || survive.includes(event));
}

/**
 * The ceiling that gives way first, among those that must hold: the one that most of is taken of, when traffic grows. One
 * that stays as it is counts when it is passed. Undefined when there is none.
 */
export function firstBottleneck(capacity: Capacity, survive: readonly Event[] = []): Bottleneck | undefined {
  const ceiling = tightestOf(binding(capacity, survive).filter((one) => !one.fixed || taken(one) > 1));
  if (ceiling === undefined) return undefined;
  return { ceiling, headroom: 1 - taken(ceiling), months: monthsLeft(ceiling, capacity.load.growth) };
}

/**
 * True when every ceiling of the ordinary case keeps so much headroom, from 0 to 1, and none is passed in an event that
 * the system is to survive: then nothing is kept back.
 */
export function carries(capacity: Capacity, headroom: number, survive: readonly Event[] = []): boolean {
  return binding(capacity, survive).every((ceiling) => holds(ceiling, headroom));
}

/** The same of one ceiling. */
export function holds(ceiling: Ceiling, headroom: number): boolean {
  return taken(ceiling) <= (ceiling.event === undefined ? 1 - headroom : 1);
}
