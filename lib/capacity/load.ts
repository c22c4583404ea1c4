import type { Architecture } from '../architecture/architecture';
import type { Traffic } from '../config/traffic-settings';
import { COEFFICIENTS, SECONDS_PER_MONTH } from './coefficients';
import { underWay } from './models/queueing';

/** Counts that arrive, per second. */
export interface Rates {
  readonly requests: number;
  readonly reads: number;
  readonly writes: number;
  readonly jobs: number;
}

/** Traffic as the tiers meet it. */
export interface Load {
  readonly average: Rates;
  /** In the busiest minute. */
  readonly peak: Rates;
  readonly peakFactor: number;
  /** Connections that stay open, and requests that are under way at the peak. */
  readonly connections: number;
  /** Requests that the nodes answer: what is left of them behind CloudFront, where it stands before the nodes. */
  readonly peakAtNodes: number;
  /** Reads that the databases answer: what is left of them behind the cache. */
  readonly peakReadsAtDatabases: number;
  readonly payloadBytes: number;
  readonly rowBytes: number;
  /** Rows that are kept in all, and what they take with their indexes, GiB, once as many months have passed. */
  readonly rows: number;
  readonly dataGiB: number;
  readonly cacheHitShare: number;
  /** Growth of all counts a month, 0.05 for 5 %. */
  readonly growth: number;
}

export const GIB = 2 ** 30;

/** Turns the traffic of a month into what each second brings, to an architecture. */
export function loadOf(traffic: Traffic, architecture: Architecture): Load {
  const average: Rates = {
    requests: traffic.requestsPerMonth / SECONDS_PER_MONTH,
    reads: traffic.readsPerMonth / SECONDS_PER_MONTH,
    writes: traffic.writesPerMonth / SECONDS_PER_MONTH,
    jobs: traffic.jobsPerMonth / SECONDS_PER_MONTH,
  };
  const { peakFactor } = traffic;
  const times = (rate: number): number => rate * peakFactor;
  const peak: Rates = {
    requests: times(average.requests),
    reads: times(average.reads),
    writes: times(average.writes),
    jobs: times(average.jobs),
  };
  // Files come by CloudFront whatever the ingress is; before CloudFront the box answers all.
  const atNodes = architecture.edge === undefined ? 1 : 1 - traffic.cdnHitPercent / 100;
  const cacheHitShare = architecture.cache === undefined ? 0 : traffic.cacheHitPercent / 100;
  const rows = traffic.writesPerMonth * traffic.keepMonths;
  const peakAtNodes = peak.requests * atNodes;
  return {
    average,
    peak,
    peakFactor,
    connections: traffic.connections + underWay(peakAtNodes, COEFFICIENTS.secondsInFlight.value),
    peakAtNodes,
    peakReadsAtDatabases: peak.reads * (1 - cacheHitShare),
    payloadBytes: traffic.payloadBytes,
    rowBytes: traffic.rowBytes,
    rows,
    dataGiB: (rows * traffic.rowBytes * COEFFICIENTS.storedOverWritten.value) / GIB,
    cacheHitShare,
    growth: traffic.growthPercentPerMonth / 100,
  };
}
