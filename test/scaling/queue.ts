/**
 * Requests at one node: they arrive at random, as many are served at once as it has processors, and the others wait in
 * the order in which they came (M/M/c). Formulas of Erlang (1917), as in L. Kleinrock, Queueing Systems I (1975),
 * section 3.5, and A. O. Allen, Probability, Statistics and Queueing Theory (1990), table 5.
 */
export interface Queue {
  /** Requests per second that arrive. */
  readonly arrivals: number;
  /** Seconds of a processor that one request takes on average. */
  readonly serviceSeconds: number;
  readonly processors: number;
}

/** Share of the processors' time that the requests take; from 1 on the queue grows without end. */
export function utilisation({ arrivals, serviceSeconds, processors }: Queue): number {
  return (arrivals * serviceSeconds) / processors;
}

/** Chance that a request finds all processors busy, 0 to 1 (Erlang C). */
export function chanceOfWaiting(queue: Queue): number {
  const busy = utilisation(queue);
  if (busy >= 1) return 1;
  const offered = busy * queue.processors;
  // Erlang B by recursion, which no factorial can overflow; C follows from it.
  let blocked = 1;
  for (let server = 1; server <= queue.processors; server++)
    blocked = (offered * blocked) / (server + offered * blocked);
  return blocked / (1 - busy * (1 - blocked));
}

/** Seconds that all but a given share of the requests wait at most, for a queue that does not grow. */
export function waitAtMost(share: number, queue: Queue): number {
  const spare = queue.processors / queue.serviceSeconds - queue.arrivals;
  if (spare <= 0) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.log(chanceOfWaiting(queue) / (1 - share)) / spare);
}
