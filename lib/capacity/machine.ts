import { BURST_BASELINE } from './coefficients';
import { cooperatingCores, type Work } from './measured';
import { bearableUtilisation } from './models/queueing';

/** A machine as far as its processors go. */
export interface Machine {
  readonly name: string;
  readonly vcpu: number;
  readonly burstable: boolean;
}

/**
 * Cores that a machine can have busy at the peak, so that work waits no longer than it takes. A burstable one must earn
 * the credits of its peak: on average it stays below its baseline.
 */
export function usableCores({ name, vcpu, burstable }: Machine, peakFactor: number, work: Work): number {
  const cores = cooperatingCores(vcpu, work) * bearableUtilisation(vcpu);
  if (!burstable) return cores;
  const baseline = BURST_BASELINE[name.split('.').at(-1) ?? ''] ?? Math.min(...Object.values(BURST_BASELINE));
  return Math.min(cores, vcpu * baseline * peakFactor);
}
