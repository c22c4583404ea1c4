import type { Reading, Work } from './play';

export interface BacklogProps {
  /** Jobs per second in a minute of the day. */
  readonly arrivals: (minute: number) => number;
  /** Jobs per second that one node gets done. */
  readonly jobsPerSecond: number;
}

/** Jobs in a queue that nodes take when they can: for rules that look at the jobs waiting for each node, `backlog`. */
export function backlog({ arrivals, jobsPerSecond }: BacklogProps): Work {
  let waiting = 0;
  return {
    minute(minute: number, nodes: number): Reading {
      const arrived = arrivals(minute);
      const rate = nodes * jobsPerSecond;
      waiting = Math.max(0, waiting + (arrived - rate) * 60);
      return {
        arrived,
        // First in, first out: the last has all the others before it.
        p99: waiting === 0 ? 0 : rate === 0 ? Number.POSITIVE_INFINITY : waiting / rate,
        metrics: { backlog: waiting / Math.max(1, nodes) },
      };
    },
  };
}
