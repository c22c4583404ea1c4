/** Coefficients of the Universal Scalability Law. */
export interface Scalability {
  /** Throughput of one, per second. */
  readonly one: number;
  /** Contention, σ: share of the work that waits in line. */
  readonly contention: number;
  /** Coherence, κ: cost of each pair that has to agree. */
  readonly coherence: number;
}

/** One step of a load test: so many users, requests or nodes at once, and what came out of it. */
export interface LoadStep {
  readonly concurrency: number;
  readonly perSecond: number;
}

/**
 * Throughput at a concurrency.
 * Source: N. J. Gunther, Guerrilla Capacity Planning, chapter 4 (2007): X(N) = λN / (1 + σ(N - 1) + κN(N - 1))
 */
export function throughput({ one, contention, coherence }: Scalability, concurrency: number): number {
  const others = concurrency - 1;
  return (one * concurrency) / (1 + contention * others + coherence * concurrency * others);
}

/**
 * Concurrency of the greatest throughput: infinite when nothing has to agree, one when more than one lose more by waiting
 * than they bring.
 */
export function bestConcurrency({ contention, coherence }: Scalability): number {
  if (contention >= 1) return 1;
  return coherence > 0 ? Math.max(1, Math.sqrt((1 - contention) / coherence)) : Number.POSITIVE_INFINITY;
}

/** A law that was fitted, with what it says of itself. */
export interface Fit {
  readonly law: Scalability;
  /**
   * Greatest throughput of the law within the concurrency that was measured, and no more than the best step: nothing is
   * said of what lies beyond either.
   */
  readonly most: number;
  /** Share of the variation that the law explains. */
  readonly explained: number;
}

/** Least number of steps of a fit: three coefficients, and one step to contradict them. */
export const LEAST_STEPS = 4;

/**
 * Fits the law to load steps by least squares: with y = N/X, y = (1 + σ(N - 1) + κN(N - 1)) / λ is linear in 1/λ, σ/λ
 * and κ/λ. Coefficients below zero are taken for zero, and the others fitted again. Undefined where one alone would come
 * to no throughput above zero: such steps follow another law.
 */
export function fitted(steps: readonly LoadStep[]): Fit | undefined {
  const terms: readonly ((n: number) => number)[] = [() => 1, (n) => n - 1, (n) => n * (n - 1)];
  let kept = [0, 1, 2];
  let solution = leastSquares(steps, kept, terms);
  while (solution.some((value, index) => value < 0 && kept[index] !== 0)) {
    const worst = kept.filter((term, index) => term !== 0 && (solution[index] ?? 0) < 0).at(-1);
    kept = kept.filter((term) => term !== worst);
    solution = leastSquares(steps, kept, terms);
  }
  const of = (term: number): number => Math.max(0, solution[kept.indexOf(term)] ?? 0);
  const one = 1 / (solution[0] ?? 1);
  if (!(Number.isFinite(one) && one > 0)) return undefined;
  const law = { one, contention: of(1) * one, coherence: of(2) * one };
  const levels = steps.map(({ concurrency }) => concurrency);
  const best = Math.min(Math.max(...levels), Math.max(Math.min(...levels), bestConcurrency(law)));
  const most = Math.min(throughput(law, best), Math.max(...steps.map(({ perSecond }) => perSecond)));
  return { law, most, explained: explainedBy(law, steps) };
}

function explainedBy(law: Scalability, steps: readonly LoadStep[]): number {
  const mean = steps.reduce((sum, { perSecond }) => sum + perSecond, 0) / steps.length;
  const left = steps.reduce((sum, step) => sum + (step.perSecond - throughput(law, step.concurrency)) ** 2, 0);
  const all = steps.reduce((sum, { perSecond }) => sum + (perSecond - mean) ** 2, 0);
  return all === 0 ? 0 : 1 - left / all;
}

/** Solves the normal equations of the kept terms, weighted so that each step's relative error counts. */
function leastSquares(
  steps: readonly LoadStep[],
  kept: readonly number[],
  terms: readonly ((n: number) => number)[],
): number[] {
  const rows = steps.map(({ concurrency, perSecond }) => {
    const y = concurrency / perSecond;
    return { y: 1, x: kept.map((term) => (terms[term]?.(concurrency) ?? 0) / y) };
  });
  const matrix = kept.map((_, i) => [
    ...kept.map((__, j) => rows.reduce((sum, { x }) => sum + (x[i] ?? 0) * (x[j] ?? 0), 0)),
    rows.reduce((sum, { x, y }) => sum + (x[i] ?? 0) * y, 0),
  ]);
  return solved(matrix);
}

/** Gauss's elimination with the greatest pivot. */
function solved(matrix: number[][]): number[] {
  const size = matrix.length;
  for (let column = 0; column < size; column++) {
    const pivot = matrix
      .map((row, index) => ({ index, value: Math.abs(row[column] ?? 0) }))
      .filter(({ index }) => index >= column)
      .reduce((best, one) => (one.value > best.value ? one : best));
    const [chosen, current] = [matrix[pivot.index] ?? [], matrix[column] ?? []];
    [matrix[column], matrix[pivot.index]] = [chosen, current];
    const divisor = chosen[column] ?? 1;
    if (Math.abs(divisor) < Number.EPSILON) continue;
    for (let row = 0; row < size; row++) {
      const target = matrix[row] ?? [];
      if (row === column) continue;
      const factor = (target[column] ?? 0) / divisor;
      matrix[row] = target.map((value, index) => value - factor * (chosen[index] ?? 0));
    }
  }
  return matrix.map((row, index) => (row[size] ?? 0) / (row[index] || 1));
}
