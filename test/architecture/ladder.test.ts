import { describe, expect, test } from 'vitest';
import { LADDER } from '../../lib/architecture/ladder';

describe('the instance ladder', () => {
  test('only ever grows, so that a step up is never a step down', () => {
    for (const [index, rung] of LADDER.slice(1).entries()) {
      const below = LADDER[index];
      const { memoryMiB = 0, vcpu = 0 } = below ?? {};
      expect(rung.memoryMiB).toBeGreaterThanOrEqual(memoryMiB);
      expect(rung.vcpu).toBeGreaterThanOrEqual(vcpu);
      expect(rung.memoryMiB + rung.vcpu).toBeGreaterThan(memoryMiB + vcpu);
    }
  });

  test('is of one architecture: a release does not have to be built anew on the way', () => {
    expect(new Set(LADDER.map(({ architecture }) => architecture)).size).toBe(1);
  });
});
