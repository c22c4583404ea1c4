import { LEAST_STEPS, type LoadStep } from '../../capacity/models/scalability';
import type { Question } from '../status/question';
import { halts, type Met, type Objective } from './load';

/** The form that `size --steps` and `capacity --steps` read. */
export interface LoadTestFile {
  readonly instanceType: string;
  readonly steps: readonly LoadStep[];
}

/**
 * Load test of one node from steps of requests alone, the load shared by all nodes alike. Steps count that were answered too
 * slowly, as the law wants to see where it bends, and none with more failures than allowed, or with less than one user on each node.
 *
 * Unknown when there are too few steps for a fit.
 */
export function loadTest(
  met: readonly Met[],
  {
    instanceType,
    nodes,
    objective,
  }: { readonly instanceType: string; readonly nodes: number; readonly objective: Objective },
): Question<LoadTestFile> {
  const byConcurrency = new Map<number, number>();
  for (const step of met) {
    const { load, perSecond, failedShare, lateShare, breathless } = step;
    if (load.connections > 0 || load.attempts < nodes || breathless || perSecond <= 0 || halts(step)) continue;
    if (failedShare - lateShare > objective.failedShare) continue;
    const before = byConcurrency.get(load.attempts) ?? 0;
    byConcurrency.set(load.attempts, Math.max(before, perSecond));
  }
  if (byConcurrency.size < LEAST_STEPS) {
    const each = nodes > 1 ? ' with a user on each node at least' : '';
    return { unknown: `it takes ${LEAST_STEPS} steps of requests${each}, and there are ${byConcurrency.size}` };
  }
  const steps = [...byConcurrency]
    .sort(([one], [other]) => one - other)
    .map(([attempts, perSecond]) => ({ concurrency: attempts / nodes, perSecond: perSecond / nodes }));
  return { answer: { instanceType, steps } };
}
