import { APP_VCPUS_PER_PROXY_VCPU } from '../config/node-families';
import { lostWithAZone } from '../config/zone-loss';
import type { NodeRole } from '../node/blueprint';
import type { Architecture } from './architecture';
import type { FleetPlan } from './fleet';

/**
 * A node family: nodes that run the same, and what they are to the others. All families of a phase are the blueprint of
 * its cluster.
 * Source of the idea: F. Cesarini, S. Vinoski, Designing for Scalability with Erlang/OTP (2016), chapters 13 to 16, whose
 * ten steps split a system into node families, and say how many of each, what each may lose and where load is regulated
 */
export interface NodeFamily {
  readonly plan: FleetPlan;
  readonly runs: string;
  /** Number of its nodes for so many of the others. */
  readonly ratio?: Ratio;
  /** Nodes that may be gone at once, of the least that there are. */
  readonly mayLose: number;
  /** Loss that comes with them. */
  readonly lost: string;
  readonly sheds: string;
}

/** So many of a family for so many of something else. */
export interface Ratio {
  /** In words. */
  readonly says: string;
  /** vCPUs of another family for one of this. */
  readonly vcpus?: { readonly of: NodeRole; readonly perOne: number };
}

/** The blueprint of an architecture: its node families, in the order in which a request meets them. */
export function familiesOf(architecture: Architecture): readonly NodeFamily[] {
  const { box, web, app, async, mover } = architecture;
  return [
    ...(box === undefined ? [] : [boxFamily(box, architecture)]),
    ...(web === undefined ? [] : [webFamily(web, architecture)]),
    ...(app === undefined ? [] : [appFamily(app, architecture)]),
    ...(async?.workers.fleet === undefined ? [] : [workerFamily(async.workers.fleet, async.workers)]),
    ...(mover === undefined ? [] : [moverFamily(mover)]),
  ];
}

function boxFamily(plan: FleetPlan, { localDatabase }: Architecture): NodeFamily {
  return {
    plan,
    runs: `the release behind nginx${localDatabase === undefined ? '' : ', and PostgreSQL'}`,
    mayLose: 0,
    lost: 'everybody, until its group has replaced it',
    sheds: 'nowhere: what waits beyond a listen backlog is refused',
  };
}

function webFamily(plan: FleetPlan, architecture: Architecture): NodeFamily {
  const perOne = APP_VCPUS_PER_PROXY_VCPU;
  return {
    plan,
    runs: 'nginx, which passes requests on',
    ratio: { says: `one vCPU for ${perOne} of the app fleet`, vcpus: { of: 'app', perOne } },
    mayLose: losable(plan),
    lost: 'requests under way; the load balancer leaves it out',
    sheds: [atTheEdge(architecture), ...lowPriority(architecture, 'here')].join('; '),
  };
}

function appFamily(plan: FleetPlan, architecture: Architecture): NodeFamily {
  const { web, ingress } = architecture;
  return {
    plan,
    runs: 'the release, one BEAM a node',
    ratio: { says: perNode(plan) },
    mayLose: losable(plan),
    lost: [
      'connections and requests under way, which come back to the others',
      'what its processes alone know',
      ...(plan.placement === 'cluster' ? ['with its one zone, all nodes at once'] : []),
    ].join('; '),
    sheds: [
      ...(web !== undefined && ingress?.kind === 'http' ? ['before it, on the web nodes'] : [atTheEdge(architecture)]),
      ...(web === undefined || ingress?.kind === 'sockets' ? lowPriority(architecture, 'in the release') : []),
      'new connections beyond its listen backlog are refused',
    ].join('; '),
  };
}

function perNode({ scaling }: FleetPlan): string {
  if (scaling === undefined) return 'as many as the configuration says';
  const { perNode: each } = scaling;
  return each.of === 'requests'
    ? `one for ${each.target} requests a minute`
    : `one for ${each.percentOfBudget} % of its connection budget in open connections`;
}

function workerFamily(plan: FleetPlan, { backlogPerNode }: { readonly backlogPerNode: number }): NodeFamily {
  return {
    plan,
    runs: 'jobs of the queues, in the same release',
    ratio: { says: `one for ${backlogPerNode} jobs that wait` },
    mayLose: plan.minNodes,
    lost: 'nothing: their jobs go back to the queue',
    sheds: 'its queues keep what it does not manage; a job that fails too often goes to the dead-letter queue',
  };
}

function moverFamily(plan: FleetPlan): NodeFamily {
  return {
    plan,
    runs: 'moves of data, while a climb expands',
    mayLose: 1,
    lost: 'nothing: a move goes on from its record',
    sheds: 'nobody connects to it',
  };
}

/** A node of a fixed fleet; of one that scales, a third, which is the zone with the most nodes of one that is spread. */
function losable({ minNodes, scaling }: FleetPlan): number {
  return scaling === undefined ? 1 : lostWithAZone(minNodes);
}

function atTheEdge({ edge, ingress }: Architecture): string {
  return edge === undefined || ingress?.kind === 'sockets'
    ? 'not before it'
    : `an address is blocked at CloudFront after ${edge.requestsPer5Minutes} requests in five minutes`;
}

function lowPriority({ async }: Architecture, where: string): string[] {
  return async === undefined ? [] : [`${where}, low-priority paths get 429 while queues are behind`];
}

/** Ratios between families that are not held with all nodes that there are at rest, or may be at the peak; in words. */
export function ratiosNotHeld(families: readonly NodeFamily[]): readonly string[] {
  return families.flatMap(({ plan, ratio }) => {
    const other = families.find((family) => family.plan.role === ratio?.vcpus?.of)?.plan;
    const perOne = ratio?.vcpus?.perOne;
    if (other === undefined || perOne === undefined) return [];
    const sizes = ['minNodes', 'maxNodes'] as const;
    return sizes.flatMap((size) => {
      const needed = Math.ceil((other[size] * other.instanceType.vcpu) / perOne / plan.instanceType.vcpu);
      if (plan[size] >= needed) return [];
      const each = `${other[size]} x ${other.instanceType.name}`;
      return [`${plan.role}.${size} is ${plan[size]}, and ${each} want ${needed}: ${ratio?.says}`];
    });
  });
}
