import { describe, expect, test } from 'vitest';
import { chanceOfWaiting, type Queue, utilisation, waitAtMost } from './queue';

const queue = (changes: Partial<Queue>): Queue => ({ arrivals: 1, serviceSeconds: 1, processors: 1, ...changes });

describe('a queue', () => {
  test('with one processor makes as many wait as it is busy', () => {
    expect(chanceOfWaiting(queue({ arrivals: 0.3 }))).toBeCloseTo(0.3);
    expect(chanceOfWaiting(queue({ arrivals: 0.9 }))).toBeCloseTo(0.9);
  });

  // Two processors, each half busy: C = 2 r^2 / (1 + r), with r = 0.5. Four at r = 0.75: Erlang's tables.
  test.each([
    [2, 1, 1 / 3],
    [4, 3, 0.5094],
    [10, 8, 0.4092],
  ])('with %i processors and an offered load of %i', (processors, arrivals, chance) => {
    expect(chanceOfWaiting(queue({ processors, arrivals }))).toBeCloseTo(chance, 3);
  });

  test('makes everybody wait, without end, when more comes than it can serve', () => {
    const full = queue({ arrivals: 2 });
    expect(utilisation(full)).toBe(2);
    expect(chanceOfWaiting(full)).toBe(1);
    expect(waitAtMost(0.99, full)).toBe(Number.POSITIVE_INFINITY);
  });

  test('lets most wait for nothing when it is idle', () => {
    expect(waitAtMost(0.99, queue({ arrivals: 0.001, processors: 4 }))).toBe(0);
  });

  // One processor: the wait is exponential beyond its chance, so P(W > t) = r e^-(1-r)t.
  test('has waits as the formula for one processor says', () => {
    const wait = waitAtMost(0.99, queue({ arrivals: 0.5 }));
    expect(0.5 * Math.exp(-0.5 * wait)).toBeCloseTo(0.01);
  });
});
