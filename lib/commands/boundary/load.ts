/** Load that one step brings: users of one kind, of the other, or both. */
export interface Load {
  /** N: connections that are opened and stay open. */
  readonly connections: number;
  /** C: users that each send their next request as soon as the one before is answered. */
  readonly attempts: number;
  /** Seconds for which it lasts, once all users are there. */
  readonly seconds: number;
}

/** Outcome of a step, as far as a client knows it. */
export interface Met {
  readonly load: Load;
  /** Requests that were answered each second, with an answer that is no error. */
  readonly perSecond: number;
  /**
   * Requests that failed, were answered with anything but 200 to 299, or were under way for longer than the objective when the step ended:
   * share of all.
   */
  readonly failedShare: number;
  /** Part of that which may be no more than slow: under way, and no longer than the slowest answer took. */
  readonly lateShare: number;
  /** Users that waited at the end for longer than the objective, and than any answer of the step took. */
  readonly halted: number;
  /** Users of the attempts that had any outcome at all. */
  readonly visited: number;
  /** Time within which 99 of 100 were answered, in milliseconds. */
  readonly p99Ms: number;
  /** Connections that were upgraded, and those of them that the other side has ended since. */
  readonly opened: number;
  readonly lost: number;
  /** Failure that was met most often. */
  readonly failure?: string;
  /** True when the load generator had no processor left: what came out is its own limit. */
  readonly breathless: boolean;
}

/** Bounds within which a load counts as carried. */
export interface Objective {
  readonly p99Ms: number;
  /** Share of requests that may fail. */
  readonly failedShare: number;
}

/** Share of users of whom a step may lose sight, assumed: a lost packet takes the answer of one, a node that freezes those of many. */
const HALTED_SHARE = 0.1;

/**
 * True when a system has ceased to answer. Its requests are few by then beside those that were answered before: neither the
 * failures nor the percentile need to show it.
 */
export function halts({ load, halted }: Pick<Met, 'load' | 'halted'>): boolean {
  return halted > HALTED_SHARE * load.attempts;
}

/** Why a step did not meet its objective; undefined when it did. */
export function missed({ load, ...met }: Met, { p99Ms, failedShare }: Objective): string | undefined {
  if (met.opened < load.connections) {
    return `${met.opened} of ${load.connections} connections were opened${because(met.failure)}`;
  }
  if (met.lost > 0) return `${met.lost} of ${load.connections} connections were ended by the other side`;
  if (load.attempts === 0) return undefined;
  if (halts({ load, ...met }))
    return `${met.halted} of ${load.attempts} users had no answer any more when the step ended`;
  const failed = `${percent(met.failedShare)} of the requests failed${because(met.failure)}`;
  // Slowness alone is told as that, by the percentile.
  if (met.failedShare - met.lateShare > failedShare) return failed;
  if (met.perSecond === 0) return 'no request was answered';
  if (met.visited < load.attempts) return `${met.visited} of ${load.attempts} users had an answer in ${load.seconds} s`;
  if (met.p99Ms > p99Ms) return `99 of 100 requests were answered within ${Math.round(met.p99Ms)} ms only`;
  if (met.failedShare > failedShare) return failed;
  return undefined;
}

function because(failure: string | undefined): string {
  return failure === undefined ? '' : ` (${failure})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}
