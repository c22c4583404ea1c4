import type { Architecture } from '../../lib/architecture/architecture';
import { capacityOf, carries, holds } from '../../lib/capacity/capacity';
import type { Tier } from '../../lib/capacity/ceiling';
import { architectureWith, type Choice, chosen } from '../../lib/capacity/choice';
import { COEFFICIENTS as C } from '../../lib/capacity/coefficients';
import { loadOf } from '../../lib/capacity/load';
import { rowSharesOf } from '../../lib/capacity/row-shares';
import type { Catalogue } from '../../lib/capacity/size/catalogue';
import type { Wanted } from '../../lib/capacity/size/wanted';
import { pooled } from '../../lib/capacity/tiers/databases';
import { instanceType } from '../../lib/facts/instance-type';
import { FIRST_PHASE_OF, PHASE_NUMBERS, type PhaseNumber } from '../../lib/facts/phase-numbers';

/** Few sizes, so that all of their combinations can be tried. */
export const FEW: Catalogue = {
  nodeTypes: ['t3.medium', 'c7i.xlarge', 'r7i.xlarge'].map(instanceType),
  databaseLadders: [['db.t4g.medium'], ['db.r7g.large', 'db.r7g.2xlarge']],
  cacheLadders: [['cache.t4g.small'], ['cache.r7g.large']],
  mostReplicas: 1,
};

/** The only function of phase 6: what is free of backups is shared by all databases, whose sizes then are no parts of a bill. */
const FUNCTION = 'users';

/** Settings that every candidate has: room for the rows, which the bill counts by what they take of it. */
export const COMMON = {
  'web.enabled': 'false',
  'database.maxStorageGiB': '20000',
  'box.dataVolumeGiB': '8000',
  'workers.lambdaConcurrency': '1000',
  'data.functions': JSON.stringify({ [FUNCTION]: { maxStorageGiB: 20_000 }, catalogue: null, forum: null }),
};

const MOST_NODES = 6;
const CLUSTERS = [1, 2, 3, 4];
const GREATEST_CAPACITIES = [8, 16, 64];
const LEAST_CAPACITIES = [0.5, 1, 2, 3, 4, 6, 8, 16];

/** A phase, and the way in that it has. */
export interface Shape {
  readonly phase: PhaseNumber;
  readonly ingress: 'http' | 'sockets' | 'none';
}

export const SHAPES: readonly Shape[] = PHASE_NUMBERS.flatMap((phase): Shape[] =>
  phase < FIRST_PHASE_OF.loadBalancer
    ? [{ phase, ingress: 'none' }]
    : [
        { phase, ingress: 'http' },
        { phase, ingress: 'sockets' },
      ],
);

/** A part of a system whose size no other part's ceilings depend on, but for the connections that nodes open to databases. */
interface Part {
  readonly kind: 'nodes' | 'store' | 'cache';
  readonly tiers: readonly Tier[];
  readonly options: readonly Choice[];
  /** True when what there is at rest, which the bill counts, carries the average. */
  readonly rests: (choice: Choice, wanted: Wanted) => boolean;
}

/** A size of a part: what it adds to the bill of the first candidate, US dollars a month. */
interface Sized {
  readonly choice: Choice;
  readonly more: number;
  /** Connections that it takes, when it is a store. */
  readonly connections: number;
}

/** The cheapest candidate of a shape. */
export interface Cheapest {
  readonly choice: Choice;
  readonly usd: number;
}

const ALWAYS = (): boolean => true;

function partsOf({ phase }: Shape): Part[] {
  const parts: Part[] = [];
  const store = (key: string, tiers: readonly Tier[], replicated: boolean): void => {
    const options = product([
      FEW.databaseLadders.flat().map((name) => ({ [`${key}.class`]: name })),
      [20, 400].map((storage) => ({ [`${key}.storageGiB`]: storage })),
      replicated ? [0, 1].map((count) => ({ [`${key}.replicas`]: count })) : [{}],
    ]);
    parts.push({ kind: 'store', tiers, options, rests: ALWAYS });
  };
  if (phase < FIRST_PHASE_OF.loadBalancer) {
    const options = FEW.nodeTypes.map((type) => ({ 'box.instanceType': type.name }));
    parts.push({ kind: 'nodes', tiers: ['single server'], options, rests: ALWAYS });
  } else {
    const options = fleet('app', phase < FIRST_PHASE_OF.automation);
    parts.push({ kind: 'nodes', tiers: ['app', 'load balancer'], options, rests: appRests });
  }
  if (phase >= FIRST_PHASE_OF.queues)
    parts.push({ kind: 'nodes', tiers: ['workers'], options: fleet('workers', false), rests: workersRest });
  if (phase >= FIRST_PHASE_OF.replicas) {
    const options = FEW.cacheLadders.flat().map((name) => ({ 'cache.class': name }));
    parts.push({ kind: 'cache', tiers: ['cache'], options, rests: ALWAYS });
  }
  if (phase >= FIRST_PHASE_OF.extremeData) {
    store(`data.functions.${FUNCTION}`, ['function databases'], true);
    parts.push({ kind: 'store', tiers: ['shards'], options: shards(), rests: shardsRest });
  } else if (phase >= FIRST_PHASE_OF.database) {
    store('database', ['database', 'read replicas'], phase >= FIRST_PHASE_OF.replicas);
  }
  return parts;
}

function product(lists: readonly (readonly Choice[])[]): Choice[] {
  return lists.reduce<Choice[]>(
    (all, list) => all.flatMap((left) => list.map((right) => ({ ...left, ...right }))),
    [{}],
  );
}

/** Sizes of a fleet: so many at rest, so many at the peak. */
function fleet(name: string, isFixed: boolean): Choice[] {
  const counts = Array.from({ length: MOST_NODES }, (_, at) => at + 1);
  const pairs = isFixed
    ? counts.filter((min) => min > 1).map((min) => [min, min + 1] as const)
    : counts.flatMap((min) => counts.map((max) => [min, max] as const)).filter(([min, max]) => min <= max && max > 1);
  return FEW.nodeTypes.flatMap((type) =>
    pairs.map(([min, max]) => ({
      [`${name}.instanceType`]: type.name,
      [`${name}.minNodes`]: min,
      [`${name}.maxNodes`]: max,
    })),
  );
}

function shards(): Choice[] {
  return product([
    CLUSTERS.map((clusters) => ({ 'data.sharding.clusters': clusters })),
    GREATEST_CAPACITIES.map((most) => ({ 'data.sharding.maxCapacity': most })),
    LEAST_CAPACITIES.map((least) => ({ 'data.sharding.minCapacity': least })),
  ]).filter((one) => Number(one['data.sharding.minCapacity']) <= Number(one['data.sharding.maxCapacity']));
}

/** The nodes that the configuration names carry it on average; others stand by for the loss of a zone. */
function appRests(choice: Choice, wanted: Wanted): boolean {
  const configuration = chosen(wanted.configuration, choice);
  const architecture = architectureWith(configuration, {});
  const { app } = architecture;
  if (app?.scaling === undefined) return true;
  const nodes = configuration.app.minNodes;
  const resting = { ...architecture, app: { ...app, minNodes: nodes, maxNodes: nodes } };
  return carriesAverage(resting, wanted, ['app']);
}

function workersRest(choice: Choice, wanted: Wanted): boolean {
  const architecture = architectureWith(wanted.configuration, choice);
  const { async } = architecture;
  const nodes = async?.workers.fleet;
  if (async === undefined || nodes === undefined) return true;
  const workers = { ...async.workers, fleet: { ...nodes, maxNodes: nodes.minNodes } };
  return carriesAverage({ ...architecture, async: { ...async, workers } }, wanted, ['workers']);
}

/** Units of a cluster keep its average queries as busy as one core may be. */
function shardsRest(choice: Choice, wanted: Wanted): boolean {
  const architecture = architectureWith(wanted.configuration, choice);
  const { sharding } = architecture;
  if (sharding?.engine !== 'clusters') return true;
  const load = loadOf({ ...wanted.configuration.traffic, peakFactor: 1 }, architecture);
  const share = rowSharesOf(architecture).sharded / sharding.clusters;
  const busy =
    load.peakReadsAtDatabases * share * C.secondsPerRead.value + load.peak.writes * share * C.secondsPerWrite.value;
  return busy <= (sharding.minCapacity / C.acuPerVcpu.value) * 0.5;
}

function carriesAverage(architecture: Architecture, wanted: Wanted, tiers: readonly Tier[]): boolean {
  const { ceilings } = capacityOf(architecture, { ...wanted.configuration.traffic, peakFactor: 1 });
  return ceilings
    .filter(({ tier, event }) => tiers.includes(tier) && event === undefined)
    .every((one) => holds(one, wanted.headroom));
}

/**
 * The cheapest of all combinations of sizes that carries what is wanted, undefined when none does. What one size of a part
 * adds to the bill is asked of the bill itself, once. That the bill adds up so is looked at with `samples` combinations.
 *
 * @throws Error when a combination bills to something else than its parts.
 */
export function cheapestOf(shape: Shape, wanted: Wanted, samples = 4): Cheapest | undefined {
  const { phase, ingress } = shape;
  const base = { phase, ...(ingress !== 'none' && { ingress }) };
  const inner = { ...wanted, configuration: chosen(wanted.configuration, base) };
  const { configuration, headroom, prices } = inner;
  const usdOf = (choice: Choice): number =>
    prices.of(architectureWith(configuration, choice), configuration.traffic).usd;
  const parts = partsOf(shape);
  const sound = parts.map((part) => part.options.filter((choice) => isSound(part, choice, inner)));
  const first = joined(sound.map(([choice = {}]) => choice));
  if (sound.some((options) => options.length === 0)) return undefined;
  const start = usdOf(first);
  const sizes = parts.map((part, at): Sized[] => {
    const known = new Map<string, number>();
    return (sound[at] ?? []).map((choice) => {
      const billed = billedBy(choice);
      const more = known.get(billed) ?? usdOf({ ...first, ...choice }) - start;
      known.set(billed, more);
      return { choice, more, connections: connectionsOf(part, choice, inner) };
    });
  });
  for (let sample = 1; sample <= samples; sample++) {
    const some = sizes.map((options, at) => options[(sample * 7919 + at * 104_729) % options.length]);
    const sum = start + some.reduce((all, one) => all + (one?.more ?? 0), 0);
    const whole = usdOf(joined(some.map((one) => one?.choice ?? {})));
    if (Math.abs(whole - sum) > 0.005) throw new Error(`a bill of ${whole} is that of its parts: ${sum}`);
  }
  const nodes = combined(sizes.filter((_, at) => parts[at]?.kind === 'nodes'));
  const stores = sizes.filter((_, at) => parts[at]?.kind === 'store').map(byPrice);
  const caches = sizes.filter((_, at) => parts[at]?.kind === 'cache').map(byPrice);
  let best: Cheapest | undefined;
  for (const { choice, more } of nodes) {
    const opened = pooled(architectureWith(configuration, { ...first, ...choice }));
    const enough = stores.map((options) => options.filter((one) => opened <= one.connections * (1 - headroom)));
    const chosenOnes = [...enough, ...caches].map(([cheapest]) => cheapest);
    if (chosenOnes.some((one) => one === undefined)) continue;
    const usd = start + more + chosenOnes.reduce((all, one) => all + (one?.more ?? 0), 0);
    if (best !== undefined && usd >= best.usd) continue;
    best = { choice: joined([choice, ...chosenOnes.map((one) => one?.choice ?? {})]), usd };
  }
  if (best === undefined) return undefined;
  const whole = architectureWith(configuration, best.choice);
  if (!carries(capacityOf(whole, configuration.traffic), headroom))
    throw new Error('parts carry what the whole does not');
  return { choice: { ...base, ...best.choice }, usd: usdOf(best.choice) };
}

/** Settings that a bill reads: it counts the least of what scales. */
function billedBy(choice: Choice): string {
  return JSON.stringify(Object.entries(choice).filter(([key]) => !/\.maxNodes$|\.maxCapacity$/.test(key)));
}

function isSound({ tiers, rests }: Part, choice: Choice, wanted: Wanted): boolean {
  const architecture = architectureWith(wanted.configuration, choice);
  const { ceilings } = capacityOf(architecture, wanted.configuration.traffic);
  const own = ceilings.filter(
    ({ tier, resource, event }) => tiers.includes(tier) && resource !== 'database connections' && event === undefined,
  );
  return own.every((one) => holds(one, wanted.headroom)) && rests(choice, wanted);
}

/** The most connections that a size of a store takes, whatever nodes there are. */
function connectionsOf({ kind, tiers }: Part, choice: Choice, { configuration }: Wanted): number {
  if (kind !== 'store') return Number.POSITIVE_INFINITY;
  const { ceilings } = capacityOf(architectureWith(configuration, choice), configuration.traffic);
  const own = ceilings.filter(({ tier, resource }) => tiers.includes(tier) && resource === 'database connections');
  return Math.min(...own.map(({ most }) => most));
}

function joined(choices: readonly Choice[]): Choice {
  return Object.assign({}, ...choices) as Choice;
}

function combined(lists: readonly (readonly Sized[])[]): Pick<Sized, 'choice' | 'more'>[] {
  return lists.reduce<Pick<Sized, 'choice' | 'more'>[]>(
    (all, list) =>
      all.flatMap((left) =>
        list.map((right) => ({ choice: { ...left.choice, ...right.choice }, more: left.more + right.more })),
      ),
    [{ choice: {}, more: 0 }],
  );
}

function byPrice(options: readonly Sized[]): Sized[] {
  return [...options].sort((a, b) => a.more - b.more);
}
