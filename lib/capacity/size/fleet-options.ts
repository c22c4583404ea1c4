import type { Architecture, FleetPlan } from '../../architecture/architecture';
import { MOST } from '../../config/bounds';
import { survivingZoneLoss } from '../../config/zone-loss';
import type { InstanceType } from '../../facts/instance-type';
import { holds } from '../capacity';
import { type Ceiling, taken, tightestOf } from '../ceiling';
import { type Load, loadOf } from '../load';
import { appCeilings, frontCeilings, webCeilings } from '../tiers/fleets';
import { workerCeilings } from '../tiers/workers';
import { inOneLine } from './in-one-line';
import type { Impossible, Option, Wanted } from './wanted';

type Fleet = 'app' | 'web' | 'workers';

/** A size of a fleet, with what it opens to each database. */
export interface FleetOption extends Option {
  readonly type: InstanceType;
  /** Nodes that there may be at the peak, and that are paid for all the time. */
  readonly most: number;
  readonly paid: number;
}

/** Fleets behind a load balancer have two nodes at least: one may always be replaced. */
const LEAST_NODES = 2;

/** Sizes of a fleet that carry the load, one a type; cheapest first. */
export function fleetOptions(fleet: Fleet, architecture: Architecture, wanted: Wanted): FleetOption[] | Impossible {
  const { catalogue, prices, configuration } = wanted;
  const load = loadOf(configuration.traffic, architecture);
  // On average the sockets are there all the same.
  const average = loadOf({ ...configuration.traffic, peakFactor: 1 }, architecture);
  let nearest: Ceiling | undefined;
  const isPlaced = fleet === 'app' && architecture.app?.placement === 'cluster';
  const types = catalogue.nodeTypes.filter(({ clusterPlacement }) => !isPlaced || clusterPlacement);
  const found = types.flatMap((type): FleetOption[] => {
    const each = prices.node(type.name);
    if (each === undefined) return [];
    const peak = leastNodes(fleet, type, architecture, load, wanted);
    if (typeof peak !== 'number') {
      if (nearest === undefined || taken(peak) < taken(nearest)) nearest = peak;
      return [];
    }
    const rest = leastNodes(fleet, type, architecture, average, wanted);
    const { minNodes, maxNodes, most, paid } = sized(fleet, architecture, peak, typeof rest === 'number' ? rest : peak);
    if (maxNodes > MOST.nodes) return [];
    const choice = {
      [`${fleet}.instanceType`]: type.name,
      [`${fleet}.minNodes`]: minNodes,
      [`${fleet}.maxNodes`]: maxNodes,
    };
    return [{ choice, type, most, paid, rank: paid * each }];
  });
  if (found.length === 0)
    return { why: nearest === undefined ? `no type of ${fleet} has a price` : inOneLine(nearest) };
  return found.sort((a, b) => a.rank - b.rank);
}

/** Nodes as the configuration says them, and as phases with scaling make of them. */
function sized(fleet: Fleet, { app, web }: Architecture, peak: number, rest: number) {
  if (fleet === 'workers') return workerNodes(Math.min(rest, peak), Math.max(LEAST_NODES, peak));
  const scales = (fleet === 'app' ? app : web)?.scaling !== undefined;
  if (!scales) {
    const nodes = Math.max(LEAST_NODES, peak);
    // One more may stand beside them while they are replaced.
    return { minNodes: nodes, maxNodes: nodes + 1, most: nodes, paid: nodes };
  }
  const minNodes = Math.min(rest, peak);
  const paid = Math.max(LEAST_NODES, survivingZoneLoss(minNodes));
  const maxNodes = Math.max(peak, paid);
  return { minNodes, maxNodes, most: maxNodes, paid };
}

/** Workers are paid for at their least, and there may be two of them. */
function workerNodes(minNodes: number, maxNodes: number) {
  return { minNodes, maxNodes, most: maxNodes, paid: minNodes };
}

/** The least number of nodes of a type that carries a load, or the ceiling that none reaches. */
function leastNodes(
  fleet: Fleet,
  type: InstanceType,
  architecture: Architecture,
  load: Load,
  wanted: Wanted,
): number | Ceiling {
  const worst = (nodes: number): Ceiling | undefined => {
    const binding = ceilingsOf(fleet, withFleet(fleet, architecture, type, nodes), load, wanted);
    return tightestOf(binding.filter((one) => !holds(one, wanted.headroom)));
  };
  let nodes = 1;
  for (;;) {
    const failing = worst(nodes);
    if (failing === undefined) return nodes;
    // Of one node none is left with its zone. Where none is left of two, no number of them helps.
    if (nodes >= MOST.nodes || (failing.most === 0 && nodes > 1)) return failing;
    // Ceilings grow with the nodes: go where the failing one would hold, which is never too far.
    const share = Math.min(taken(failing), MOST.nodes) / (failing.event === undefined ? 1 - wanted.headroom : 1);
    const grown = failing.resource === 'targets' ? MOST.nodes : Math.floor(nodes * share);
    nodes = Math.min(MOST.nodes, Math.max(nodes + 1, failing.event === undefined ? grown : nodes + 1));
  }
}

function ceilingsOf(fleet: Fleet, architecture: Architecture, load: Load, { survive, work }: Wanted): Ceiling[] {
  const all =
    fleet === 'app'
      ? [...appCeilings(architecture, load, work), ...frontCeilings(architecture)]
      : fleet === 'web'
        ? webCeilings(architecture, load, work)
        : workerCeilings(architecture, load).filter(({ tier }) => tier === 'workers');
  return all.filter(({ event }) => event === undefined || survive.includes(event));
}

/** The architecture with so many nodes of a type, whatever scaling makes of them. */
function withFleet(fleet: Fleet, architecture: Architecture, instanceType: InstanceType, nodes: number): Architecture {
  const size = { instanceType, minNodes: nodes, maxNodes: nodes };
  const of = (plan: FleetPlan): FleetPlan => ({ ...plan, ...size });
  const { app, web, async } = architecture;
  if (fleet === 'app') return app === undefined ? architecture : { ...architecture, app: of(app) };
  if (fleet === 'web') return web === undefined ? architecture : { ...architecture, web: of(web) };
  if (async?.workers.fleet === undefined) return architecture;
  return { ...architecture, async: { ...async, workers: { ...async.workers, fleet: of(async.workers.fleet) } } };
}
