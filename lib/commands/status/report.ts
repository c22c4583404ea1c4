import type { FleetNode } from '../environment/fleet-nodes';
import type { NodeStatus } from '../environment/node-status';
import type { Question } from './question';

/** State of an environment, as far as it could be asked. */
export interface StatusReport {
  readonly environment: string;
  readonly region: string;
  /** Phase that the gate let through last, such as `3` or `2+1`. */
  readonly phase: string;
  /** Addresses by what they are of. */
  readonly addresses: readonly Address[];
  /** Address of the release that nodes boot, or `none`. */
  readonly boots: string;
  readonly nodes: Question<readonly NodeLine[]>;
  readonly queues: readonly QueueLine[];
  /** Absent while there is no database of AWS with readers. */
  readonly replicas: Question<readonly ReplicaLine[]>;
  /** A rollout, deployment or run of the pipeline under way; empty when nothing is. */
  readonly deploying: readonly Deploying[];
}

export interface Address {
  readonly of: 'name' | 'CloudFront' | 'load balancer' | 'box';
  readonly address: Question<string>;
}

export interface NodeLine {
  readonly node: FleetNode;
  /** State of its agent of Systems Manager; absent when it never answered. */
  readonly ping?: string;
  /** Absent for a proxy, which runs no release. */
  readonly told?: Question<NodeStatus>;
}

export interface QueueLine {
  readonly name: string;
  readonly depth: Question<{
    /** Jobs that wait, that somebody works on, and that wait for their time. */
    readonly waiting: number;
    readonly taken: number;
    readonly delayed: number;
  }>;
}

export interface ReplicaLine {
  readonly id: string;
  /** State of the instance, such as `available`. */
  readonly state: string;
  /** Newest value of the last ten minutes, in seconds; undefined when there is none. */
  readonly lagSeconds?: number;
}

export interface Deploying {
  readonly what: 'rollout' | 'deployments' | 'pipeline';
  /** Words for what is under way; empty when nothing is. */
  readonly state: Question<readonly string[]>;
}

/** A line about something that is not as it should be, or not known. */
export function complaints({ nodes, queues, replicas, deploying, addresses, boots }: StatusReport): string[] {
  const unknown = (what: string, one: Question<unknown>): string[] =>
    'unknown' in one ? [`${what}: not known (${one.unknown})`] : [];
  return [
    ...unknown('nodes', nodes),
    ...('answer' in nodes ? complaintsOfNodes(nodes.answer, boots) : []),
    ...addresses.flatMap(({ of, address }) => unknown(`address of the ${of}`, address)),
    ...queues.flatMap(({ name, depth }) => unknown(`queue ${name}`, depth)),
    ...unknown('replicas', replicas),
    ...('answer' in replicas
      ? replicas.answer.flatMap(({ id, state, lagSeconds }) => [
          ...(state === 'available' ? [] : [`replica ${id} is ${state}`]),
          ...(lagSeconds === undefined ? [`replica ${id}: its lag is not known`] : []),
        ])
      : []),
    ...deploying.flatMap(({ what, state }) => unknown(what, state)),
  ];
}

function complaintsOfNodes(lines: readonly NodeLine[], boots: string): string[] {
  if (!lines.some(({ node }) => node.lifecycle === 'InService')) return ['no node is in service'];
  return lines.flatMap(({ node, ping, told }): string[] => {
    const name = `${node.id} (${node.role})`;
    // Those that come or go are on their way, and seen as such.
    if (node.lifecycle !== 'InService') return [];
    return [
      ...(node.health.toUpperCase() === 'HEALTHY' ? [] : [`${name} is ${node.health} to its group`]),
      ...(ping === undefined || ping === 'Online' ? [] : [`${name}: its agent is ${ping}`]),
      ...(told !== undefined && 'unknown' in told ? [`${name}: not known (${told.unknown})`] : []),
      ...(told !== undefined && 'answer' in told
        ? [
            ...(told.answer.healthy ? [] : [`${name} is not healthy`]),
            ...(told.answer.left && !told.answer.rolling
              ? [`${name} was left out of its load balancer: run beamstalk release restart`]
              : []),
            ...(told.answer.untold && !told.answer.rolling
              ? [`${name} runs a release that cannot be told where its data are: run beamstalk release restart`]
              : []),
            ...(told.answer.uri === boots || told.answer.rolling
              ? []
              : [`${name} runs ${told.answer.release}, and nodes boot ${boots}`]),
          ]
        : []),
    ];
  });
}
