import { describe, expect, test } from 'vitest';
import { problem, read } from './configuration-folder';

describe('a climb', () => {
  test.each(['2', '3', '-1', 'two', '1.5', '', 1.5])('to phase 2 does not come from %j', (from) => {
    expect(problem({ phase: '2', from })).toBe(
      `  from: received ${JSON.stringify(from)}; allowed: an integer from 0 to 1, below phase; set it in --context from=...`,
    );
  });

  test('to phase 0 comes from nowhere', () => {
    expect(problem({ from: '0' })).toContain('from: received "0"; allowed: nothing: phase 0 has no phase below it');
  });
});

describe('forcing a climb', () => {
  test('takes the step as the gate names it', () => {
    expect(read({}, { phase: '2', force: '3+1-to-2+1' }).force).toBe('3+1-to-2+1');
    expect(read({}, { phase: '2', force: '3-to-2' }).force).toBe('3-to-2');
    expect(read({}, { phase: '2' })).not.toHaveProperty('force');
  });

  test.each(['true', 'yes', '3', '3-7', '3-2', '3-to-7', '3->2', true])('does not take %j', (force) => {
    expect(problem({ force })).toContain(`  force: received ${JSON.stringify(force)}; allowed: the exact step`);
  });
});
