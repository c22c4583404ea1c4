import type { Architecture, FleetPlan } from '../../architecture/architecture';
import { nodeSize, workerConnections } from '../../node/size';
import type { Ceiling } from '../ceiling';
import { type Basis, COEFFICIENTS as C, weakest } from '../coefficients';
import type { Load } from '../load';
import { usableCores } from '../machine';
import type { Work } from '../measured';
import { bearableUtilisation } from '../models/queueing';

const ZONES = 3;

/** Nodes that serve at the peak: as many as scaling may make, or as there always are without it. */
export function nodesAtPeak({ minNodes, maxNodes, scaling }: FleetPlan): number {
  return scaling === undefined ? minNodes : maxNodes;
}

/** Nodes that are left when the zone with the most of them is lost, before others replace them: none, when it has all. */
export function withoutAZone(nodes: number, { placement }: Pick<FleetPlan, 'placement'>): number {
  return placement === 'cluster' ? 0 : nodes - Math.ceil(nodes / ZONES);
}

/** Cores that connections take by being pinged. */
function pinging({ connections }: Load): number {
  return (connections * C.pingSeconds.value) / C.pingEverySeconds.value;
}

/** Cores that requests and connections take of BEAM nodes; and jobs, as long as there are no workers. */
export function coresOfRequests(load: Load, architecture: Architecture, work: Work): number {
  const jobs = architecture.async === undefined ? load.peak.jobs * C.secondsPerJob.value : 0;
  return load.peakAtNodes * work.secondsPerRequest + pinging(load) + jobs;
}

/** Mbit/s that answers take on their way out of a tier. */
export function answersMbps({ peakAtNodes, payloadBytes }: Load): number {
  return (peakAtNodes * payloadBytes * 8) / 1e6;
}

/** A fleet of nodes that requests and connections come through, and what one of its nodes takes. */
interface Serving {
  readonly tier: 'app' | 'web';
  readonly plan: FleetPlan;
  /** Connections of one node, and the reckoning in words. */
  readonly connections: number;
  readonly whyConnections: string;
  /** Cores that all nodes are busy with. */
  readonly busy: number;
  readonly basis: Basis;
  /** Nodes, as what is left of them is told. */
  readonly called: string;
}

/** Ceilings that every such fleet has: in the ordinary case, and with a zone lost. */
function servingCeilings({ plan, busy, basis, called, ...fleet }: Serving, load: Load, work: Work): Ceiling[] {
  const { instanceType: type } = plan;
  const { tier } = fleet;
  const nodes = nodesAtPeak(plan);
  const left = withoutAZone(nodes, plan);
  const cores = usableCores(type, load.peakFactor, work);
  const each = `${nodes} x ${type.name}, each`;
  const inOneZone = plan.placement === 'cluster' ? ': all are in one zone (app.placement)' : '';
  const why = `${left} of ${nodes} ${called} are left${inOneZone}`;
  const connections = { tier, resource: 'connections', load: load.connections, unit: '', basis: 'assumed' } as const;
  const cpu = { tier, resource: 'CPU', load: busy, unit: 'cores', basis } as const;
  return [
    { ...connections, most: nodes * fleet.connections, why: `${each} ${fleet.connections} ${fleet.whyConnections}` },
    { ...cpu, most: nodes * cores, why: `${each} ${round(cores)} busy cores` },
    {
      ...{ tier, resource: 'network', load: answersMbps(load), most: nodes * type.networkMbps, unit: 'Mbit/s' },
      ...{ basis: 'sourced', why: `${each} with a baseline of ${type.networkMbps} Mbit/s` },
    },
    { ...connections, most: left * fleet.connections, why, event: 'a zone lost' },
    { ...cpu, most: left * cores, why, event: 'a zone lost' },
  ];
}

/** Ceilings of the app fleet. */
export function appCeilings(architecture: Architecture, load: Load, work: Work): Ceiling[] {
  const { app } = architecture;
  if (app === undefined) return [];
  const { instanceType: type } = app;
  const nodes = nodesAtPeak(app);
  const { connectionBudget, openFiles } = nodeSize(type);
  const pool = C.poolSize.value;
  const queries = load.peakReadsAtDatabases + load.peak.writes;
  const serving: Serving = {
    ...{ tier: 'app', plan: app, called: 'nodes', busy: coresOfRequests(load, architecture, work), basis: work.basis },
    ...{ connections: connectionBudget, whyConnections: 'by 60 % of its memory at 48 KiB a connection' },
  };
  return [
    ...servingCeilings(serving, load, work),
    {
      tier: 'app',
      resource: 'descriptors',
      load: load.connections + nodes * pool,
      most: nodes * openFiles,
      unit: '',
      basis: 'sourced',
      why: `${nodes} x ${type.name}, each with LimitNOFILE=${openFiles}`,
    },
    {
      tier: 'app',
      resource: 'connection pool',
      load: queries * C.secondsPerQuery.value,
      most: nodes * pool * bearableUtilisation(pool),
      unit: 'queries under way',
      basis: 'assumed',
      why: `${nodes} pools of ${pool}, busy up to ${percent(bearableUtilisation(pool))} (M/M/c)`,
    },
  ];
}

/** Ceilings of the reverse proxies. A proxied connection takes two, one to either side. */
export function webCeilings({ web }: Architecture, load: Load, work: Work): Ceiling[] {
  if (web === undefined) return [];
  const { instanceType: type } = web;
  const serving: Serving = {
    ...{ tier: 'web', plan: web, called: 'proxies', basis: weakest(C.secondsPerProxied.basis) },
    busy: load.peakAtNodes * C.secondsPerProxied.value + pinging(load),
    connections: Math.min(nodeSize(type).connectionBudget, (type.vcpu * workerConnections(type)) / 2),
    whyConnections: 'by memory and worker_connections',
  };
  return servingCeilings(serving, load, work);
}

/** Ceilings of the load balancer: it scales by itself, up to the targets that it may have. */
export function frontCeilings({ ingress, app, web }: Architecture): Ceiling[] {
  if (ingress === undefined) return [];
  const { value: most, basis } = ingress.kind === 'http' ? C.albTargets : C.nlbTargets;
  const behind = [app, web].flatMap((fleet) => (fleet === undefined ? [] : [nodesAtPeak(fleet)]));
  const name = ingress.kind === 'http' ? 'an Application Load Balancer' : 'a Network Load Balancer';
  return [
    {
      tier: 'load balancer',
      resource: 'targets',
      fixed: true,
      load: Math.max(...behind),
      most,
      unit: '',
      basis,
      why: `${name} scales with connections and bytes by itself, and takes so many targets`,
    },
  ];
}

export function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
