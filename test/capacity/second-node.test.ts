import { describe, expect, test } from 'vitest';
import { LADDERS, nextRung } from '../../lib/architecture/ladder';
import { usableCores } from '../../lib/capacity/machine';
import { ASSUMED_WORK } from '../../lib/capacity/measured';
import { growthOf } from '../../lib/capacity/second-node';
import { instanceType } from '../../lib/facts/instance-type';

const secondFrom = (name: string, work = ASSUMED_WORK): string | undefined =>
  growthOf(instanceType(name), work).secondNodeFrom?.name;

describe('a second node beats a bigger one', () => {
  test('from the rung on at which two keep more cores busy than one of twice the size', () => {
    expect(secondFrom('c7i.xlarge')).toBe('c7i.4xlarge');
    const busy = (name: string): number => usableCores(instanceType(name), 1, ASSUMED_WORK);
    expect(2 * busy('c7i.2xlarge')).toBeLessThan(busy('c7i.4xlarge'));
    expect(2 * busy('c7i.4xlarge')).toBeGreaterThan(busy('c7i.8xlarge'));
    expect(4 * busy('c7i.12xlarge')).toBeGreaterThan(1.4 * busy('c7i.48xlarge'));
  });

  test('at once for a node that is past that rung, and at the same one for a burstable one', () => {
    expect(secondFrom('c7i.24xlarge')).toBe('c7i.24xlarge');
    expect(secondFrom('t3.medium')).toBe('c7i.4xlarge');
  });

  test('from some rung on of every ladder, and on every rung above it', () => {
    for (const { rungs } of LADDERS) {
      const from = growthOf(rungs[0] ?? instanceType('c7i.xlarge'), ASSUMED_WORK).secondNodeFrom;
      if (from === undefined) throw new Error('a ladder without such a rung');
      const above = rungs.slice(rungs.indexOf(from), -1);
      expect(above.map((rung) => growthOf(rung, ASSUMED_WORK).secondNodeFrom)).toEqual(above);
    }
  });

  test('sooner, the more cores stand in the way of each other, and never when they do not', () => {
    expect(secondFrom('c7i.xlarge', { ...ASSUMED_WORK, contention: 0.05 })).toBe('c7i.xlarge');
    expect(secondFrom('c7i.xlarge', { ...ASSUMED_WORK, contention: 0, coherence: 0 })).toBeUndefined();
  });
});

test('the rung above is told, and that there is none', () => {
  const type = instanceType('c7i.2xlarge');
  expect(growthOf(type, ASSUMED_WORK).next).toBe(nextRung(type));
  expect(growthOf(instanceType('c7i.48xlarge'), ASSUMED_WORK)).toEqual({});
});
