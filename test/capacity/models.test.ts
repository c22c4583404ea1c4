import { describe, expect, test } from 'vitest';
import { hitShare, rowsFor } from '../../lib/capacity/models/popularity';
import { bearableUtilisation, underWay, waitProbability } from '../../lib/capacity/models/queueing';
import {
  bestConcurrency,
  type Fit,
  fitted as fitOf,
  type LoadStep,
  throughput,
} from '../../lib/capacity/models/scalability';

function fitted(steps: readonly LoadStep[]): Fit {
  const fit = fitOf(steps);
  if (fit === undefined) throw new Error('no law fits');
  return fit;
}

const stepsOf = (throughputs: Readonly<Record<number, number>>): LoadStep[] =>
  Object.entries(throughputs).map(([concurrency, perSecond]) => ({ concurrency: Number(concurrency), perSecond }));

describe("Little's law", () => {
  test('says what is under way', () => expect(underWay(200, 0.05)).toBe(10));
});

describe('M/M/c', () => {
  // By hand: one server waits as often as it is busy; C(2, 1) = 1/3; C(3, 2) = 4/9.
  test.each([
    [1, 0.5, 0.5],
    [2, 1, 1 / 3],
    [3, 2, 4 / 9],
  ])('%i servers with %f Erlangs make %f wait', (servers, offered, expected) => {
    expect(waitProbability(servers, offered)).toBeCloseTo(expected, 12);
  });

  test('nobody waits without load, and everybody above the servers', () => {
    expect(waitProbability(4, 0)).toBe(0);
    expect(waitProbability(4, 4)).toBe(1);
  });

  // M/M/1 waits ρ/(1 - ρ) services, and M/M/2 ρ²/(1 - ρ²): one service at 1/2 and at √(1/2).
  test('half of one server is bearable, and 71 % of two', () => {
    expect(bearableUtilisation(1)).toBeCloseTo(0.5, 9);
    expect(bearableUtilisation(2)).toBeCloseTo(Math.SQRT1_2, 9);
  });

  test('more servers bear more', () => {
    const all = [1, 2, 4, 8, 16, 48, 192, 384].map(bearableUtilisation);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(all.at(-1)).toBeLessThan(1);
  });
});

describe('the Universal Scalability Law', () => {
  const law = { one: 1000, contention: 0.02, coherence: 0.0005 };
  const steps = [1, 2, 4, 8, 16, 32, 64].map((concurrency) => ({
    concurrency,
    perSecond: throughput(law, concurrency),
  }));

  test('is found again in what it has made', () => {
    const { law: found, explained, most } = fitted(steps);
    expect(found.one).toBeCloseTo(1000, 6);
    expect(found.contention).toBeCloseTo(0.02, 9);
    expect(found.coherence).toBeCloseTo(0.0005, 9);
    expect(explained).toBeCloseTo(1, 9);
    // Its best lies at 44, between the steps at 32 and 64: no more is said to be carried than the better of them.
    expect(most).toBeLessThan(throughput(law, Math.sqrt(0.98 / 0.0005)));
    expect(most).toBe(Math.max(...steps.map(({ perSecond }) => perSecond)));
  });

  test('is found nearly in measurements with errors', () => {
    const noise = [1.02, 0.97, 1.01, 0.99, 1.03, 0.98, 1.01];
    const { law: found, explained } = fitted(
      steps.map((step, at) => ({ ...step, perSecond: step.perSecond * (noise[at] ?? 1) })),
    );
    expect(found.one).toBeGreaterThan(950);
    expect(found.one).toBeLessThan(1050);
    expect(explained).toBeGreaterThan(0.98);
  });

  test('takes nothing for lost where more than one helps more than one', () => {
    const { law: found, most } = fitted(
      [1, 2, 4, 8].map((concurrency) => ({ concurrency, perSecond: 100 * concurrency ** 1.05 })),
    );
    expect(found.contention).toBe(0);
    expect(found.coherence).toBe(0);
    expect(bestConcurrency(found)).toBe(Number.POSITIVE_INFINITY);
    // Nothing is said of what lies beyond the test.
    expect(most).toBeLessThanOrEqual(8 * 1.2 * 100);
  });

  test('says of a test that began beyond the best concurrency no more than its first step carried', () => {
    const { law: found, most } = fitted(stepsOf({ 100: 3900, 200: 3000, 400: 1000, 800: 200 }));
    expect(bestConcurrency(found)).toBeLessThan(100);
    expect(most).toBeLessThanOrEqual(3900);
    expect(most).toBeGreaterThan(200);
  });

  test('has its best at one where each further one waits for longer than it works', () => {
    const { law: found, most } = fitted(stepsOf({ 1: 1000, 2: 800, 4: 600, 8: 450 }));
    expect(found.contention).toBeGreaterThan(0);
    expect(bestConcurrency({ ...found, contention: 1.5 })).toBe(1);
    expect(most).toBeLessThanOrEqual(1000);
    expect(most).toBeGreaterThan(900);
  });

  test('fits no steps by which one alone would come to less than nothing', () => {
    expect(fitOf(stepsOf({ 10: 10_000, 20: 2500, 40: 625, 80: 156 }))).toBeUndefined();
  });
});

describe('popularity', () => {
  test('all rows answer all reads, and none none', () => {
    expect(hitShare(1000, 1000)).toBe(1);
    expect(hitShare(0, 1000)).toBe(0);
    expect(hitShare(10, 0)).toBe(1);
  });

  test.each([0.1, 0.5, 0.8, 0.99])('as many rows as are asked for answer %f of the reads', (share) => {
    expect(hitShare(rowsFor(share, 1e9), 1e9)).toBeCloseTo(share, 9);
  });
});
