import type { Reading, Work } from './play';
import { utilisation, waitAtMost } from './queue';

export interface RequestsProps {
  /** Requests per second in a minute of the day. */
  readonly arrivals: (minute: number) => number;
  /** Seconds of a processor that one request takes on average. */
  readonly serviceSeconds: number;
  readonly processorsPerNode: number;
  /** Seconds that an answer takes besides, on average: the database, above all. */
  readonly elsewhere?: (minute: number) => number;
}

/**
 * Requests that a load balancer spreads evenly over nodes. While more arrive than the nodes can serve, the queue grows
 * and everybody waits for all who came before; what is left of it is worked off first.
 */
export function requests({ arrivals, serviceSeconds, processorsPerNode, elsewhere = () => 0.02 }: RequestsProps): Work {
  let waiting = 0;
  return {
    minute(minute: number, nodes: number): Reading {
      const arrived = arrivals(minute);
      const rate = (nodes * processorsPerNode) / serviceSeconds;
      const before = waiting;
      waiting = Math.max(0, waiting + (arrived - rate) * 60);
      const queue = { arrivals: arrived / nodes, serviceSeconds, processors: processorsPerNode };
      const left = Math.max(before, waiting) / rate;
      const steady = (share: number): number => (utilisation(queue) < 1 ? waitAtMost(share, queue) : 0);
      const busy = before > 0 || waiting > 0 ? 1 : utilisation(queue);
      return {
        arrived,
        p99: left + steady(0.99),
        metrics: {
          cpu: 100 * Math.min(1, busy),
          // The load balancer counts what it hands on, not what is served.
          requests: (60 * arrived) / nodes,
          latency: elsewhere(minute) + left + steady(0.95) + serviceSeconds * -Math.log(0.05),
        },
      };
    },
  };
}
