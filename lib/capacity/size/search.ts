import type { Architecture } from '../../architecture/architecture';
import { MOST } from '../../config/bounds';
import type { Configuration } from '../../config/configuration';
import { FIRST_PHASE_OF, PHASE_NUMBERS } from '../../facts/phase-numbers';
import { type Bottleneck, capacityOf, carries, firstBottleneck, holds } from '../capacity';
import { type Ceiling, taken, tightestOf } from '../ceiling';
import { architectureWith, type Choice, chosen } from '../choice';
import { COEFFICIENTS as C } from '../coefficients';
import { loadOf } from '../load';
import { rowSharesOf } from '../row-shares';
import { type Growth, growthOf } from '../second-node';
import { pooled, shareOf } from '../tiers/databases';
import { singleServerCeilings } from '../tiers/single-server';
import { workerCeilings } from '../tiers/workers';
import { cacheOptions, type DatabaseOption, databaseOptions } from './data-options';
import { type FleetOption, fleetOptions } from './fleet-options';
import { inOneLine } from './in-one-line';
import { shardOptions } from './shard-options';
import { type Impossible, isPossible, type Option, type Wanted } from './wanted';

/** A size of the whole system that carries what is wanted. */
export interface Plan {
  readonly phase: number;
  readonly ingress: 'http' | 'sockets' | 'none';
  /** Settings to change. */
  readonly choice: Choice;
  readonly usd: number;
  /** Parts that have no price, and are not in it. */
  readonly notPriced: number;
  readonly bottleneck: Bottleneck;
  /** Rungs before the nodes that users reach. */
  readonly growth: Growth;
}

/** A phase in which no size carries it, with the reason. */
export interface Refusal extends Impossible {
  readonly phase: number;
  readonly ingress: 'http' | 'sockets' | 'none';
}

export interface Answer {
  /** The best of every phase and ingress, cheapest first. */
  readonly plans: readonly Plan[];
  readonly refusals: readonly Refusal[];
}

/** Candidates of each kind whose whole bill is asked for: ranks are near, but not the bill itself. */
const FINALISTS = 3;

/** Ranks that lie so near each other that the whole bill may turn them: alarms, logs and backups are not ranked. Assumed; a test looks. */
const CLOSE_USD = 5;
const CLOSE_SHARE = 0.02;

/** Finds the cheapest size of every phase that carries the traffic of a configuration with the headroom asked for. */
export function sizesFor(wanted: Wanted): Answer {
  const plans: Plan[] = [];
  const refusals: Refusal[] = [];
  for (const phase of PHASE_NUMBERS) {
    const ways = phase < FIRST_PHASE_OF.loadBalancer ? (['none'] as const) : (['http', 'sockets'] as const);
    for (const ingress of ways) {
      if (wanted.ingress !== undefined && ingress !== 'none' && ingress !== wanted.ingress) continue;
      const shape = { phase, ...(ingress === 'none' ? {} : { ingress }) };
      const found = bestOf(shape, wanted);
      if ('why' in found) refusals.push({ phase, ingress, ...found });
      else plans.push({ phase, ingress, ...found });
    }
  }
  return { plans: plans.sort((a, b) => inOrder(a, b) || a.phase - b.phase), refusals };
}

type Ranked = Pick<Plan, 'usd' | 'bottleneck'>;

/** Negative when the first is the better: cheaper by a cent at least, or of the same bill with more headroom. */
function inOrder(one: Ranked, other: Ranked): number {
  const inCents = ({ usd }: Ranked): number => Math.round(usd * 100);
  return inCents(one) - inCents(other) || other.bottleneck.headroom - one.bottleneck.headroom;
}

type Best = Pick<Plan, 'choice' | 'usd' | 'notPriced' | 'bottleneck' | 'growth'>;

function bestOf(shape: Choice, wanted: Wanted): Best | Impossible {
  const configuration = withoutClimb(chosen(wanted.configuration, shape));
  const architecture = architectureWith(configuration, {});
  const candidates = candidatesOf(configuration, architecture, wanted);
  if (!isPossible(candidates)) return candidates;
  let best: Best | undefined;
  let nearest: Ceiling | undefined;
  for (const sizes of candidates) {
    const choice = { ...shape, ...sizes };
    const sized = architectureWith(configuration, sizes);
    const capacity = capacityOf(sized, configuration.traffic, wanted.work);
    const bottleneck = firstBottleneck(capacity, wanted.survive);
    if (bottleneck === undefined) continue;
    if (!carries(capacity, wanted.headroom, wanted.survive)) {
      nearest = bottleneck.ceiling;
      continue;
    }
    const priced = wanted.prices.of(sized, configuration.traffic);
    const type = (sized.app ?? sized.box)?.instanceType;
    const growth = type === undefined ? {} : growthOf(type, wanted.work);
    const found = { choice, ...priced, bottleneck, growth };
    // Sizes of one phase differ in nothing but what is sized: the one that lacks a price is not free.
    if (best === undefined || (found.notPriced - best.notPriced || inOrder(found, best)) < 0) best = found;
  }
  return best ?? { why: nearest === undefined ? 'no candidate' : inOneLine(nearest) };
}

/** A size is for a system that stands: not for one while it climbs. */
function withoutClimb({ from: _, ...configuration }: Configuration): Configuration {
  return configuration;
}

/** The few candidates of a shape that rank first. */
function candidatesOf(configuration: Configuration, architecture: Architecture, wanted: Wanted): Choice[] | Impossible {
  const inner = { ...wanted, configuration };
  const compute = architecture.app === undefined ? boxes(architecture, inner) : fleets(architecture, inner);
  if (!isPossible(compute)) return compute;
  const [cache, stores, jobs] = [
    cacheOptions(architecture, configuration, inner),
    storesOf(architecture, inner),
    lambdaJobs(architecture, inner),
  ];
  if (!isPossible(cache)) return cache;
  if (!isPossible(stores)) return stores;
  if (!isPossible(jobs)) return jobs;
  const cheapestCache = cache.slice(0, 2);
  const cheapestJobs = jobs[0]?.choice ?? {};
  let lacking: string | undefined;
  const ranked = compute.flatMap((one) => {
    const data: Option[] = [{ choice: {}, rank: 0 }];
    let combined = data;
    for (const options of stores) {
      // Connections follow from the nodes: the cheapest sizes that take them.
      const enough = options
        .filter(({ connections }) => one.pooled <= connections * (1 - wanted.headroom))
        .slice(0, stores.length > 1 ? 1 : 2);
      if (enough.length === 0) lacking = `databases: ${one.pooled} connections of all nodes at their most`;
      combined = combined.flatMap((left) => enough.map((right) => joined(left, right)));
    }
    return combined.map((both) => joined(one, both));
  });
  if (ranked.length === 0) return { why: lacking ?? 'no candidate' };
  const whole = ranked.flatMap((one) => cheapestCache.map((other) => joined(one, other)));
  const least = Math.min(...whole.map(({ rank }) => rank));
  return whole
    .filter(({ rank }) => rank <= least + Math.max(CLOSE_USD, least * CLOSE_SHARE))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, 2 * FINALISTS)
    .map(({ choice }) => ({ ...choice, ...cheapestJobs }));
}

function joined(one: Option, other: Option): Option {
  return { choice: { ...one.choice, ...other.choice }, rank: one.rank + other.rank };
}

type Compute = Option & { readonly pooled: number };

/** Boxes that carry the load. */
function boxes(
  architecture: Architecture,
  { configuration, catalogue, prices, headroom, survive, work }: Wanted,
): Compute[] | Impossible {
  const { box, localDatabase } = architecture;
  if (box === undefined) return { why: 'there is no server' };
  const load = loadOf(configuration.traffic, architecture);
  const volumeGiB = Math.min(
    MOST.dataVolumeGiB,
    Math.max(localDatabase?.volumeGiB ?? 0, Math.ceil(load.dataGiB / (1 - headroom))),
  );
  let nearest: Ceiling | undefined;
  const found = catalogue.nodeTypes.flatMap((type): Compute[] => {
    const rank = prices.node(type.name);
    if (rank === undefined) return [];
    const sized = {
      ...architecture,
      box: { ...box, instanceType: type },
      ...(localDatabase && { localDatabase: { ...localDatabase, volumeGiB } }),
    };
    const failing = singleServerCeilings(sized, load, work)
      .filter(({ event }) => event === undefined || survive.includes(event))
      .filter((ceiling) => !holds(ceiling, headroom));
    const volume: Choice = localDatabase === undefined ? {} : { 'box.dataVolumeGiB': volumeGiB };
    const worst = tightestOf(failing);
    if (worst === undefined)
      return [{ choice: { 'box.instanceType': type.name, ...volume }, rank, pooled: pooled(sized) }];
    if (nearest === undefined || taken(worst) < taken(nearest)) nearest = worst;
    return [];
  });
  if (found.length === 0) return { why: nearest === undefined ? 'no type has a price' : inOneLine(nearest) };
  return found.sort((a, b) => a.rank - b.rank).slice(0, FINALISTS);
}

/** Fleets that carry the load, with the connections that their nodes open to each database. */
function fleets(architecture: Architecture, wanted: Wanted): Compute[] | Impossible {
  const app = fleetOptions('app', architecture, wanted);
  if (!isPossible(app)) return app;
  const web = architecture.web === undefined ? [] : fleetOptions('web', architecture, wanted);
  if (!isPossible(web)) return web;
  const workers = architecture.async?.workers.fleet === undefined ? [] : fleetOptions('workers', architecture, wanted);
  if (!isPossible(workers)) return workers;
  const pairs = app.flatMap((one) => orNone(workers.slice(0, FINALISTS)).map((worker) => pair(one, worker)));
  const proxies = orNone(web.slice(0, 2));
  return cheapestByPool(pairs).flatMap((both) =>
    proxies.map((proxy) => ({ ...joined(both, proxy), pooled: both.pooled })),
  );
}

function pair(app: FleetOption, workers: Option & { readonly most?: number }): Compute {
  const pool = C.poolSize.value;
  return { ...joined(app, workers), pooled: (app.most + (workers.most ?? 0)) * pool };
}

/** The two cheapest for each number of connections: others differ from them in nothing that databases notice. */
function cheapestByPool(options: readonly Compute[]): Compute[] {
  const counts = new Map<number, number>();
  const sorted = [...options].sort((a, b) => a.rank - b.rank);
  const kept = sorted.filter(({ pooled: connections }) => {
    const count = counts.get(connections) ?? 0;
    counts.set(connections, count + 1);
    return count < 2;
  });
  return kept.slice(0, MOST_PAIRS);
}

/** Fleets that rank behind so many others are dearer by more than a database saves. Assumed; the exhaustive test looks. */
const MOST_PAIRS = 24;

function orNone<One extends Option>(options: readonly One[]): readonly (One | Option)[] {
  return options.length === 0 ? [{ choice: {}, rank: 0 }] : options;
}

/** Sizes of each store of rows: they are chosen apart. */
function storesOf(architecture: Architecture, wanted: Wanted): (readonly DatabaseOption[])[] | Impossible {
  const { database, functions } = architecture;
  const load = loadOf(wanted.configuration.traffic, architecture);
  if (functions !== undefined) {
    const share = shareOf(load, rowSharesOf(architecture).database);
    const all: (readonly DatabaseOption[])[] = [];
    for (const plan of functions) {
      const keys = [`data.functions.${plan.function}`];
      const options = databaseOptions({ keys, plan, share, mayReplicate: true }, load, wanted);
      if (!isPossible(options)) return options;
      all.push(options);
    }
    const shards = shardOptions(architecture, wanted);
    if (!isPossible(shards)) return shards;
    return [...all, shards];
  }
  if (database === undefined) return [];
  const place = {
    keys: ['database'],
    plan: database,
    share: shareOf(load, 1),
    mayReplicate: database.readers !== undefined,
  };
  const options = databaseOptions(place, load, wanted);
  return isPossible(options) ? [options] : options;
}

/** The least concurrency of Lambda workers that carries the jobs. */
function lambdaJobs(architecture: Architecture, { configuration, headroom }: Wanted): Option[] | Impossible {
  const load = loadOf(configuration.traffic, architecture);
  const ceiling = workerCeilings(architecture, load).find(({ tier }) => tier === 'Lambda workers');
  if (ceiling === undefined) return [{ choice: {}, rank: 0 }];
  const needed = Math.ceil(ceiling.load / (1 - headroom));
  if (needed > MOST.lambdaConcurrency) return { why: inOneLine({ ...ceiling, most: MOST.lambdaConcurrency }) };
  return [
    { choice: { 'workers.lambdaConcurrency': Math.max(configuration.workers.lambdaConcurrency, needed) }, rank: 0 },
  ];
}
