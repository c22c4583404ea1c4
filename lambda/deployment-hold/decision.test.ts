import { describe, expect, test } from 'vitest';
import { decide, type Fleet, HELD, type Steps } from './decision';

const idle: Fleet = { deploying: false, suspended: [], recorded: undefined };
const deploying: Fleet = { ...idle, deploying: true };

/** The fleet after the steps, when somebody stops after so many of them. */
function later(fleet: Fleet, { record, suspend, resume, forget }: Steps, steps = 4): Fleet {
  let { suspended, recorded } = fleet;
  if (steps > 0 && record) recorded = record;
  if (steps > 1) suspended = [...suspended, ...suspend];
  if (steps > 2) suspended = suspended.filter((process) => !resume.includes(process));
  if (steps > 3 && forget) recorded = undefined;
  return { ...fleet, suspended, recorded };
}

describe('while a deployment goes on', () => {
  test('what takes nodes away is suspended, and written down before', () => {
    expect(decide(deploying)).toEqual({ record: HELD, suspend: HELD, resume: [], forget: false });
  });

  test('a second look does nothing', () => {
    const held = later(deploying, decide(deploying));
    expect(decide(held)).toEqual({ suspend: [], resume: [], forget: false });
  });

  test('what somebody resumes meanwhile, such as a rolling update that ends, is suspended again', () => {
    const held = later(deploying, decide(deploying));
    const resumed = { ...held, suspended: held.suspended.filter((process) => process !== 'AZRebalance') };
    expect(decide(resumed)).toEqual({ suspend: ['AZRebalance'], resume: [], forget: false });
  });
});

describe('when no deployment goes on', () => {
  test('nothing is touched that was not written down', () => {
    expect(decide(idle)).toEqual({ suspend: [], resume: [], forget: false });
    expect(decide({ ...idle, suspended: ['Launch', 'AZRebalance'] })).toEqual({
      suspend: [],
      resume: [],
      forget: false,
    });
  });

  test('what people had suspended before stays suspended', () => {
    const before: Fleet = { ...deploying, suspended: ['AZRebalance', 'Launch'] };
    const held = later(before, decide(before));
    expect(held.suspended).toEqual(expect.arrayContaining(['Launch', ...HELD]));
    const done = later({ ...held, deploying: false }, decide({ ...held, deploying: false }));
    expect(done).toEqual({ deploying: false, suspended: ['AZRebalance', 'Launch'], recorded: undefined });
  });

  test('wherever the one before has died, the next one leaves the group as it was', () => {
    for (const died of [0, 1, 2, 3, 4]) {
      const half = { ...later(deploying, decide(deploying), died), deploying: false };
      for (const again of [0, 1, 2, 3, 4]) {
        const second = later(half, decide(half), again);
        expect(later(second, decide(second))).toEqual(idle);
      }
    }
  });
});
