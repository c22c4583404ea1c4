import { describe, expect, test, vi } from 'vitest';
import { cpuOver } from '../../scripts/bench-node/cpu-of-pings';
import { judged } from '../../scripts/bench-node/judged';

describe('CPU of each ping over the default', () => {
  const side = (changes = {}) => ({ answered: 1000, asked: 1000, cpuPercent: 10, othersPercent: 0, ...changes });
  const comparable = { answered: 0.99, othersPercent: 10 };

  test('is judged where both answer', () => {
    expect(cpuOver(side({ cpuPercent: 4 }), side(), comparable)).toEqual({ value: 0.4 });
  });

  test.each([
    ['a default that answers nothing', side(), side({ answered: 0 }), 'the default answered 0 of 1000'],
    ['a default that answers less', side(), side({ answered: 500 }), 'the default answered 500 of 1000'],
    ['a node that answers less', side({ answered: 989 }), side(), 'the node answered 989 of 1000'],
    ['a default that was asked nothing', side(), side({ answered: 0, asked: 0 }), 'the default answered 0 of 0'],
    ['no default', side(), undefined, 'the default was not pinged'],
    ['a busy machine', side(), side({ othersPercent: 11 }), 'others took 11 % of the processors'],
  ])('is not judged of %s', (_, ours, byDefault, not) => {
    expect(cpuOver(ours, byDefault, comparable)).toMatchObject({ not });
  });
});

test('a figure over nothing is not met', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  expect([1, Number.POSITIVE_INFINITY, Number.NaN].map((value) => judged([['x', value, 'least', 1]]))).toEqual([
    true,
    false,
    false,
  ]);
  log.mockRestore();
});
