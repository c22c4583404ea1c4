import type { InstanceType } from '../facts/instance-type';
import { type Basis, COEFFICIENTS } from './coefficients';
import { bearableUtilisation } from './models/queueing';
import { type Fit, type LoadStep, throughput } from './models/scalability';

/** CPU of a request, and how cores of one node help each other: assumed, or fitted to a load test. */
export interface Work {
  readonly secondsPerRequest: number;
  readonly contention: number;
  readonly coherence: number;
  readonly basis: Basis;
}

/** Coefficients of nodes of which no load test is known. */
export const ASSUMED_WORK: Work = {
  secondsPerRequest: COEFFICIENTS.secondsPerRequest.value,
  contention: COEFFICIENTS.contention.value,
  coherence: COEFFICIENTS.coherence.value,
  basis: 'assumed',
};

/** A load test of one node, and the law that is fitted to it. */
export interface LoadTest {
  readonly type: InstanceType;
  readonly steps: readonly LoadStep[];
  readonly fit: Fit;
}

/**
 * Work of a request by a load test: one node of the measured type carries what the law fitted to it reaches within the
 * range of the test. How cores add up on other types stays assumed: a test of one type says nothing of it.
 */
export function workBy({ type, fit }: Pick<LoadTest, 'type' | 'fit'>): Work {
  const cores = cooperatingCores(type.vcpu, ASSUMED_WORK) * bearableUtilisation(type.vcpu);
  return { ...ASSUMED_WORK, secondsPerRequest: cores / fit.most, basis: 'fitted' };
}

/** Cores that so many cores of one node are worth. */
export function cooperatingCores(
  vcpu: number,
  { contention, coherence }: Pick<Work, 'contention' | 'coherence'>,
): number {
  return throughput({ one: 1, contention, coherence }, vcpu);
}
