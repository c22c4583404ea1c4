import { MOST } from '../config/bounds';
import { broken } from '../config/broken';
import type { Configuration } from '../config/configuration';
import { instanceType as typeOf } from '../facts/instance-type';
import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import { capacityOf, holds } from './capacity';
import { type Ceiling, taken } from './ceiling';
import { architectureWith, type Choice, chosen, type PriceOf } from './choice';
import { largerClass } from './classes';
import { COEFFICIENTS as C } from './coefficients';
import { ASSUMED_WORK, type Work } from './measured';
import { growthOf, rungsAbove } from './second-node';

/** A change of the configuration that lifts a ceiling. */
export interface Relief {
  readonly choice: Choice;
  /** US dollars a month more than before: below zero when it is cheaper. */
  readonly usd: number;
  /** Parts without a price that one side has and the other has not: they are not in it. */
  readonly notPriced: number;
}

interface Nodes {
  readonly minNodes: number;
  readonly maxNodes: number;
  readonly instanceType: string;
}

/** Headroom that a relief gives, and reliefs that are looked at of one kind. */
const HEADROOM = 0.3;
const MOST_STEPS = 6;

/**
 * The cheapest single change that gives a ceiling its headroom back, or that much more of it where it has it, among more nodes,
 * larger ones, larger classes, more replicas, more room and the next phases, as far as the configuration takes them. Undefined when none
 * of them does.
 */
export function cheapestRelief(
  configuration: Configuration,
  ceiling: Ceiling,
  priceOf: PriceOf,
  work: Work = ASSUMED_WORK,
): Relief | undefined {
  const { traffic } = configuration;
  const before = priceOf(architectureWith(configuration, {}), traffic);
  const reliefs = changesFor(ceiling, configuration, work)
    .filter((choice) => isLifted(chosen(configuration, choice), ceiling, work))
    .map((choice): Relief => {
      const after = priceOf(architectureWith(configuration, choice), traffic);
      return { choice, usd: after.usd - before.usd, notPriced: Math.abs(after.notPriced - before.notPriced) };
    });
  const already = new Set(broken(configuration));
  const isTaken = ({ choice }: Relief): boolean =>
    broken(chosen(configuration, choice)).every((rule) => already.has(rule));
  // A sum that lacks a price is not cheap.
  return reliefs.sort((a, b) => a.notPriced - b.notPriced || a.usd - b.usd).find(isTaken);
}

/** True when so much less of the ceiling is taken that it counts for a relief, or when it is gone with its tier. */
function isLifted(configuration: Configuration, ceiling: Ceiling, work: Work): boolean {
  const { tier, resource, event } = ceiling;
  const { ceilings } = capacityOf(architectureWith(configuration, {}), configuration.traffic, work);
  return ceilings
    .filter((one) => one.tier === tier && one.resource === resource && one.event === event)
    .every((one) => taken(one) < taken(ceiling) && taken(one) <= relieved(ceiling));
}

/** Share of a ceiling that a relief leaves taken: a change that leaves as much as there was is none. */
function relieved(ceiling: Ceiling): number {
  if (holds(ceiling, HEADROOM)) return taken(ceiling) * (1 - HEADROOM);
  return ceiling.event === undefined ? 1 - HEADROOM : 1;
}

/** Single changes that may lift a ceiling, each in as many steps as are worth a look, and with no value that the schema refuses. */
function changesFor(ceiling: Ceiling, configuration: Configuration, work: Work): Choice[] {
  const { app, web, workers, database, cache, data, box, phase } = configuration;
  const more = (count: number, most: number): number =>
    Math.min(most, Math.max(count + 1, Math.ceil((count * taken(ceiling)) / relieved(ceiling))));
  const fleet = (name: 'app' | 'web' | 'workers', { minNodes, maxNodes, instanceType }: Nodes): Choice[] => [
    phase >= FIRST_PHASE_OF.automation || name === 'workers'
      ? { [`${name}.maxNodes`]: more(maxNodes, MOST.nodes) }
      : {
          [`${name}.minNodes`]: more(minNodes, MOST.nodes),
          [`${name}.maxNodes`]: Math.max(maxNodes, more(minNodes, MOST.nodes)),
        },
    // Of nodes whose cores are busy, a second one beats a bigger one from some rung on.
    ...larger(instanceType, ceiling.resource === 'CPU' ? work : undefined).map((type) => ({
      [`${name}.instanceType`]: type,
    })),
  ];
  const next: Choice[] = [1, 2]
    .map((step) => phase + step)
    .filter(isThere)
    .map((higher) => ({ phase: higher }));
  switch (ceiling.tier) {
    case 'single server':
      return [
        ...larger(box.instanceType).map((type) => ({ 'box.instanceType': type })),
        { 'box.dataVolumeGiB': more(box.dataVolumeGiB, MOST.dataVolumeGiB) },
        ...next,
      ];
    case 'app':
      return [...fleet('app', app), ...next];
    case 'web':
      return fleet('web', web);
    case 'workers':
      return fleet('workers', workers);
    case 'Lambda workers':
      return [{ 'workers.lambdaConcurrency': more(workers.lambdaConcurrency, MOST.lambdaConcurrency) }];
    case 'cache':
      return classes(cache.class).map((name) => ({ 'cache.class': name }));
    case 'database':
    case 'read replicas':
      return [
        ...classes(database.class).map((name) => ({ 'database.class': name })),
        { 'database.replicas': more(database.replicas, MOST.replicas) },
        { 'database.maxStorageGiB': more(database.maxStorageGiB, MOST.storageGiB) },
        // Storage of RDS does not shrink.
        {
          'database.storageGiB': Math.max(C.largeVolumeGiB.value, database.storageGiB),
          'database.maxStorageGiB': Math.max(1000, database.maxStorageGiB),
        },
        ...next,
      ];
    case 'function databases':
      return Object.keys(data.functions).flatMap((name) =>
        classes(data.functions[name]?.class ?? '').map((size) => ({ [`data.functions.${name}.class`]: size })),
      );
    case 'shards':
      return [
        { 'data.sharding.clusters': more(data.sharding.clusters, MOST.clusters) },
        { 'data.sharding.maxCapacity': Math.min(MOST.capacityUnits, 2 * data.sharding.maxCapacity) },
      ];
    case 'load balancer':
      return larger(app.instanceType).map((type) => ({ 'app.instanceType': type }));
  }
}

function isThere(phase: number): boolean {
  return phase <= FIRST_PHASE_OF.extremeData;
}

/** Types above one on its ladder; with a work, up to the one at which a second node beats a bigger one. */
function larger(name: string, work?: Work): string[] {
  const type = typeOf(name);
  const end = work && growthOf(type, work).secondNodeFrom;
  const above = rungsAbove(type).filter((rung) => end === undefined || rung.vcpu <= end.vcpu);
  return above.slice(0, MOST_STEPS).map((rung) => rung.name);
}

function classes(name: string): string[] {
  const found: string[] = [];
  for (let next = largerClass(name); next !== undefined && found.length < MOST_STEPS; next = largerClass(next))
    found.push(next);
  return found;
}
