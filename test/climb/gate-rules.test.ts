import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { type ClimbState, type GateAnswer, judge } from '../../lib/climb/gate-rules';

const at = (phase: number, from?: number): ClimbState => ({ phase, ...(from !== undefined && { from }) });

function ask(before: ClimbState | undefined, after: ClimbState, verified: string[] = [], force?: string): GateAnswer {
  return judge({ environment: 'prod', before, after, verified, force }, PHASES);
}

const STATES = PHASES.flatMap(({ number }) => [
  at(number),
  ...PHASES.filter((lower) => lower.number < number).map((lower) => at(number, lower.number)),
]);

describe('the gate lets through', () => {
  test.each(STATES)('a new environment at $phase from $from', (after) => {
    expect(ask(undefined, after)).toEqual({ allowed: true });
  });

  test.each(STATES)('the same state again: $phase from $from', (state) => {
    // Also one that takes two moves at once: it can only be created, never climbed to.
    expect(ask(state, state)).toEqual({ allowed: true });
  });

  test('an expansion by one phase that moves something', () => {
    expect(ask(at(0), at(1, 0))).toEqual({ allowed: true });
    expect(ask(at(1), at(2, 1))).toEqual({ allowed: true });
  });

  test('a phase that moves nothing, straight', () => {
    expect(ask(at(2), at(3))).toEqual({ allowed: true });
    expect(ask(at(1), at(3, 1))).toEqual({ allowed: true });
  });

  test('a contraction after its migration was verified', () => {
    expect(ask(at(1, 0), at(1), ['0-1'])).toEqual({ allowed: true });
    expect(ask(at(2, 1), at(3), ['1-2'])).toEqual({ allowed: true });
  });

  test('the next expansion together with a verified contraction', () => {
    expect(ask(at(1, 0), at(2, 1), ['0-1'])).toEqual({ allowed: true });
  });

  test('one contraction after the other where two expansions were created at once', () => {
    expect(ask(at(2, 0), at(2, 1), ['0-1'])).toEqual({ allowed: true });
    expect(ask(at(2, 0), at(3, 0))).toEqual({ allowed: true });
    expect(ask(at(3, 0), at(3), ['0-1', '1-2'])).toEqual({ allowed: true });
    expect(ask(at(2, 0), at(2), ['0-1']).allowed).toBe(false);
    expect(ask(at(1, 0), at(2, 0), ['0-1']).allowed).toBe(false);
  });

  test('taking a contraction back whose migration is verified', () => {
    expect(ask(at(1), at(1, 0), ['0-1'])).toEqual({ allowed: true });
    expect(ask(at(3), at(3, 1), ['0-1', '1-2'])).toEqual({ allowed: true });
    // And contracting again.
    expect(ask(at(1, 0), at(1), ['0-1'])).toEqual({ allowed: true });
  });

  test('giving an expansion up while nothing has moved', () => {
    expect(ask(at(1, 0), at(0))).toEqual({ allowed: true });
  });
});

describe('the gate refuses', () => {
  test.each([
    ['a migration skipped', at(0), at(1), /phase 1 moves data/, 'phase=1 --context from=0'],
    ['two migrations skipped', at(0), at(3), /phase 1 moves data/, 'phase=1 --context from=0'],
    ['the cut-over skipped', at(1), at(2), /phase 2 moves traffic/, 'phase=2 --context from=1'],
    ['the cut-over skipped behind an expansion', at(1, 0), at(2), /0-1 is not recorded/, 'move 0-1 finish'],
    ['traffic that was not verified', at(2, 1), at(2), /1-2 is not recorded/, 'put-parameter'],
    ['data of functions', at(6, 5), at(6), /5-6 is not recorded/, 'finish --function F --env prod for each function F'],
    ['two moves in one expansion', at(0), at(2, 0), /phases 1 and 2 both move/, 'phase=1 --context from=0'],
    [
      'a contraction without verification',
      at(1, 0),
      at(1),
      /0-1 is not recorded/,
      'beamstalk move 0-1 finish --env prod, once',
    ],
    ['the next expansion without verification', at(1, 0), at(2, 1), /0-1 is not recorded/, 'move 0-1 finish'],
    ['what is retired built anew', at(1), at(2, 0), /retired is gone/, 'phase=2'],
    ['a retired part back in the same phase', at(1), at(1, 0), /retired is gone/, 'phase=1'],
    [
      'giving up an expansion that has moved the traffic',
      at(2, 1),
      at(1),
      /going down to 1/,
      'phase=2 --context from=1',
    ],
    ['the same, two phases up', at(3, 1), at(1), /going down to 1/, 'phase=3 --context from=1'],
    ['going down', at(3), at(2), /going down to 2/, 'phase=3'],
    ['going down through an expansion', at(3), at(2, 1), /going down to 2/, 'phase=3'],
    ['giving up to another phase', at(3, 1), at(2), /going down to 2/, 'phase=3 --context from=1'],
  ])('%s', (_name, before, after, reason, remedy) => {
    expect(ask(before, after)).toEqual({
      allowed: false,
      reason: expect.stringMatching(reason),
      remedy: expect.stringContaining(remedy),
    });
  });

  test('taking back more than one contraction, or one that is not verified', () => {
    expect(ask(at(2), at(2, 0), ['0-1', '1-2']).allowed).toBe(false);
    expect(ask(at(2), at(2, 1), ['0-1']).allowed).toBe(false);
    expect(ask(at(1), at(2, 0), ['0-1']).allowed).toBe(false);
  });

  test('giving up an expansion whose migration is verified', () => {
    expect(ask(at(1, 0), at(0), ['0-1'])).toMatchObject({ allowed: false, reason: expect.stringContaining('0-1') });
  });

  test('an expansion whose migration an earlier climb has recorded', () => {
    expect(ask(at(0), at(1, 0), ['0-1'])).toMatchObject({
      allowed: false,
      remedy: expect.stringContaining('delete-parameters --names /beamstalk/prod/climb/verified/0-1'),
    });
    // The record of the climb before is no obstacle, nor is one's own once it is there.
    expect(ask(at(1), at(2, 1), ['0-1'])).toEqual({ allowed: true });
    expect(ask(at(1, 0), at(1, 0), ['0-1'])).toEqual({ allowed: true });
  });

  test('giving up an expansion of which a part has moved, and beginning one on such word', () => {
    const step = (before: ClimbState, after: ClimbState, moved?: Record<string, readonly string[]>) =>
      judge({ environment: 'prod', before, after, verified: [], ...(moved && { moved }) }, PHASES);
    const moved = { '5-6': ['/beamstalk/prod/database/users/source'] };
    expect(step(at(6, 5), at(5))).toEqual({ allowed: true });
    expect(step(at(6, 5), at(5), moved)).toMatchObject({ reason: expect.stringContaining('5-6 has moved something') });
    expect(step(at(5), at(6, 5), moved)).toMatchObject({
      reason: expect.stringContaining('nodes would go to databases that are empty'),
      remedy: 'aws ssm delete-parameters --names /beamstalk/prod/database/users/source, then deploy again',
    });
    expect(step(at(1), at(2, 1), moved)).toEqual({ allowed: true });
  });

  test('a contraction that another verification would allow', () => {
    expect(ask(at(2, 1), at(2), ['0-1']).allowed).toBe(false);
  });
});

describe('forcing', () => {
  test('takes the exact climb', () => {
    expect(ask(at(0), at(2), [], '0-to-2')).toEqual({ allowed: true, forced: '0-to-2' });
    expect(ask(at(3), at(1), [], '3-to-1')).toEqual({ allowed: true, forced: '3-to-1' });
    expect(ask(at(0), at(2), [], '0-to-1').allowed).toBe(false);
    expect(ask(at(3), at(1), [], '1-to-3').allowed).toBe(false);
  });

  test('names both states, so that it lets nothing else through', () => {
    expect(ask(at(3, 1), at(2, 1))).toMatchObject({ reason: expect.stringContaining('force=3+1-to-2+1)') });
    expect(ask(at(3, 1), at(2, 1), [], '3+1-to-2+1')).toEqual({ allowed: true, forced: '3+1-to-2+1' });
    for (const other of ['1-2', '3-to-2', '3+1-to-2', '3-to-2+1', '2+1-to-3+1']) {
      expect(ask(at(3, 1), at(2, 1), [], other).allowed).toBe(false);
    }
  });

  test('is named by each refusal', () => {
    expect(ask(at(3), at(1))).toMatchObject({ reason: expect.stringContaining('force=3-to-1') });
  });

  test('is not recorded where nothing was forced', () => {
    expect(ask(at(2), at(3), [], '2-to-3')).toEqual({ allowed: true });
  });
});

test('whatever the records, nothing that moves is retired before it stood beside the new', () => {
  const everything = PHASES.map(({ number }) => `${number - 1}-${number}`);
  for (const before of STATES) {
    for (const after of STATES) {
      if (after.phase < before.phase || !ask(before, after, everything).allowed) continue;
      const retired = PHASES.filter(
        ({ number, moves }) => moves && number > (before.from ?? before.phase) && number <= (after.from ?? after.phase),
      );
      for (const { number } of retired) expect(number).toBeLessThanOrEqual(before.phase);
    }
  }
});
