import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CommandFailed, run } from '../../scripts/bench/command';
import { emptyApp } from '../../scripts/bench/make-empty-app';

const node = (program: string) => ({ program: process.execPath, args: ['--eval', program], cwd: '.' });

test('a command that ends as expected is timed, and its output is at hand', () => {
  const { stdout, seconds } = run({
    ...node('console.log(process.env.ASKED); process.exit(3)'),
    expected: 3,
    env: { ASKED: 'here' },
  });
  expect(stdout).toBe('here\n');
  expect(seconds).toBeGreaterThan(0);
});

test('a command that fails is told with its exit code, the failing tests and the last lines of both outputs', () => {
  const program = `console.log(' FAIL  |quick| test/a.test.ts > one'); console.log(' FAIL  |quick| test/a.test.ts > one');
    for (let line = 1; line <= 60; line++) console.log('line ' + line + '.'); console.error('the end'); process.exitCode = 2`;
  const message = messageOf(() => run(node(program)));
  const lines = message.split('\n');
  expect(message).toContain('failed: exit code 2, not 0');
  expect(lines.filter((line) => line.startsWith(' FAIL '))).toEqual([' FAIL  |quick| test/a.test.ts > one']);
  expect(lines.slice(-2)).toEqual(['line 60.', 'the end']);
  expect(message).not.toContain('line 30.');
  expect(message).toContain('line 31.');
});

test('a command that was ended from outside, or is not there, is told too', () => {
  expect(messageOf(() => run(node("process.kill(process.pid, 'SIGKILL')")))).toContain('ended by SIGKILL');
  expect(messageOf(() => run({ program: './no-such-program', args: [], cwd: '.' }))).toContain('ENOENT');
});

test('the bundler serves an app that has only a program, as the empty one of the bench', () => {
  mkdirSync('.cache', { recursive: true });
  const folder = mkdtempSync(join('.cache', 'empty-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  run({ program: process.execPath, args: ['scripts/build.mjs'], cwd: emptyApp(folder) });
  expect(existsSync(join(folder, '.build', 'app.cjs'))).toBe(true);
});

function messageOf(fails: () => unknown): string {
  try {
    fails();
  } catch (error) {
    if (error instanceof CommandFailed) return error.message;
    throw error;
  }
  throw new Error('it did not fail');
}
