import { describe, expect, test } from 'vitest';
import { boundary } from '../../../lib/commands/boundary/search';

/** A system that carries so much, and fails at the tries of this number whatever their size. */
function system(carries: number, failsAtTry: readonly number[] = []) {
  const sizes: number[] = [];
  const trial = async (size: number) => {
    sizes.push(size);
    return { carried: size <= carries && !failsAtTry.includes(sizes.length), result: size };
  };
  return { sizes, trial };
}

const range = { first: 16, limit: 2_000, within: 0 };

describe('the boundary of a system', () => {
  test.each([16, 17, 31, 32, 299, 300, 301, 1_999])('is found to the number: %i', async (carries) => {
    const { trial } = system(carries);
    expect(await boundary({ ...range, trial })).toMatchObject({ most: carries, least: carries + 1 });
  });

  test('doubles, and halves what is between; what fails is tried twice', async () => {
    const { sizes, trial } = system(20);
    await boundary({ ...range, trial });
    expect(sizes).toEqual([16, 32, 32, 24, 24, 20, 22, 22, 21, 21]);
  });

  test('is not moved by a step that fails once', async () => {
    const { trial } = system(300, [1, 3]);
    expect(await boundary({ ...range, trial })).toMatchObject({ most: 300, least: 301 });
  });

  test('is told within a share of it, and takes fewer steps', async () => {
    const { sizes, trial } = system(1_000);
    const { most, least } = await boundary({ ...range, within: 0.05, trial });
    expect(most).toBeLessThanOrEqual(1_000);
    expect(least).toBeGreaterThan(1_000);
    expect(most).toBeGreaterThanOrEqual(950);
    expect(sizes.length).toBeLessThan(20);
  });

  test('beyond the limit is nobody’s', async () => {
    const { sizes, trial } = system(5_000);
    const found = await boundary({ ...range, limit: 100, trial });
    expect(found.most).toBe(100);
    expect(found).not.toHaveProperty('least');
    expect(sizes).toEqual([16, 32, 64, 100]);
  });

  test('is none where the first size fails, and nothing else is tried', async () => {
    const { sizes, trial } = system(15);
    expect(await boundary({ ...range, trial })).toMatchObject({ most: 0, least: 16 });
    expect(sizes).toEqual([16, 16]);
  });
});
