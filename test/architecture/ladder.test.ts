import { describe, expect, test } from 'vitest';
import { LADDERS, nextRung } from '../../lib/architecture/ladder';
import { INSTANCE_TYPE_NAMES, instanceType } from '../../lib/facts/instance-type';

describe.each(LADDERS)('the ladder of $name', ({ rungs, architecture }) => {
  test('only ever grows, so that a step up is never a step down', () => {
    expect(rungs.length).toBeGreaterThan(5);
    for (const [index, rung] of rungs.slice(1).entries()) {
      const below = rungs[index];
      const { memoryMiB = 0, vcpu = 0 } = below ?? {};
      expect(rung.memoryMiB).toBeGreaterThanOrEqual(memoryMiB);
      expect(rung.vcpu).toBeGreaterThanOrEqual(vcpu);
      expect(rung.memoryMiB + rung.vcpu).toBeGreaterThan(memoryMiB + vcpu);
    }
  });

  test('is of one architecture: a release does not have to be built anew on the way', () => {
    expect(new Set(rungs.map((rung) => rung.architecture))).toEqual(new Set([architecture]));
  });

  test('is climbed rung by rung', () => {
    for (const [index, rung] of rungs.slice(0, -1).entries()) expect(nextRung(rung)).toBe(rungs[index + 1]);
  });
});

describe('the rung above', () => {
  test.each([
    ['t3.medium', 't3.large'],
    ['t3.large', 'c7i.xlarge'],
    ['c8i.48xlarge', 'c8i.96xlarge'],
    ['t4g.large', 'c8g.xlarge'],
    // Not on a ladder: the next size of the family, and from its end on the usual ladder.
    ['t3.micro', 't3.small'],
    ['c7i.large', 'c7i.xlarge'],
    ['t3.2xlarge', 'c7i.4xlarge'],
    ['c5.24xlarge', 'c7i.48xlarge'],
    ['c7g.16xlarge', 'c8g.24xlarge'],
    ['c7i.48xlarge', undefined],
    ['r7g.16xlarge', undefined],
  ])('%s is %s', (type, above) => {
    expect(nextRung(instanceType(type))?.name).toBe(above);
  });

  test('is never smaller, of another architecture or the same again, whatever type it is asked of', () => {
    for (const type of INSTANCE_TYPE_NAMES.map(instanceType)) {
      const above = nextRung(type);
      if (above === undefined) continue;
      expect(above.architecture).toBe(type.architecture);
      expect(above.vcpu, `${type.name} to ${above.name}`).toBeGreaterThanOrEqual(type.vcpu);
      expect(above.memoryMiB, `${type.name} to ${above.name}`).toBeGreaterThanOrEqual(type.memoryMiB);
      expect(above).not.toBe(type);
    }
  });
});

test('every rung may stand in a cluster placement group but the burstable ones', () => {
  const apart = INSTANCE_TYPE_NAMES.map(instanceType).filter(({ clusterPlacement }) => !clusterPlacement);
  expect(new Set(apart.map(({ family }) => family))).toEqual(new Set(['t3', 't4g']));
  // Whoever adds a family looks it up: Mac1 and M7i-flex are not placed either.
  const families = [...new Set(INSTANCE_TYPE_NAMES.map((name) => instanceType(name).family))].sort();
  expect(families.filter((family) => /^mac|flex/.test(family))).toEqual([]);
  expect(families).toHaveLength(18);
});

test.each([
  ['t3.medium', 432_000],
  ['c7i.xlarge', 432_000],
  ['x2iedn.xlarge', 432_000],
  // The eighth generation, and yet on Nitro v5.
  ['c8g.xlarge', 432_000],
  ['c8i.xlarge', 350],
  ['c8a.xlarge', 350],
])('a %s on its own forgets idle connections after %i s', (type, seconds) => {
  expect(instanceType(type).idleConnectionSeconds).toBe(seconds);
});
