import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function simulate(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const command = ['--import', 'tsx', 'scripts/simulate.ts', ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

describe('npm run simulate', () => {
  test.each([
    [['--env'], "Option '--env <value>' argument missing"],
    [['--foo'], "Unknown option '--foo'"],
    [['extra'], "Unexpected argument 'extra'"],
    [['--env', 'nope'], '--env: received "nope"; allowed: dev, prod, staging'],
    [['--seed', 'abc'], '--seed: received "abc"; allowed: an integer from 0 to 4294967295'],
    [['--seed=4294967296'], '--seed: received "4294967296"; allowed: an integer'],
  ])('%j is refused with what it takes instead, and exit code 2', (args, message) => {
    const { status, stdout, stderr } = simulate(...args);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.split('\n')[0]).toContain(`simulate: ${message}`);
    expect(stderr).toContain('\nUsage: npm run simulate -- [options]\n');
    expect(stderr).not.toContain('    at ');
  });

  test('says what it takes when it is asked', () => {
    const { status, stdout, stderr } = simulate('--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Usage: npm run simulate -- \[options\]\n/);
  });

  test('plays another day for another seed', () => {
    const [one, other] = ['42', '7'].map((seed) => simulate('--env', 'dev', '--seed', seed));
    expect([one?.status, other?.status]).toEqual([0, 0]);
    expect(one?.stdout).toMatch(/^App fleet of dev: /);
    expect(other?.stdout).not.toBe(one?.stdout);
  }, 60_000);
});
