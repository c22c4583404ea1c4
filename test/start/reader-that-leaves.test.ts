import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test.each([
  ['beamstalk.cjs', '--help', '2>&1'],
  ['beamstalk.cjs', 'phases --blueprint', ''],
  ['move.cjs', '--help', '2>&1'],
])('a reader that has read enough is told by the exit code alone: %s %s', (program, words, redirection) => {
  expect(codeOf(program, words, redirection)).toEqual(['', '', '141\n']);
});

test.each([
  ['beamstalk.cjs', 2],
  ['move.cjs', 2],
])('an exit code of its own says more than that nobody reads: %s', (program, code) => {
  expect(codeOf(program, 'nonsense', '2>&1 >/dev/null')).toEqual(['', '', `${code}\n`]);
});

test('a disk that is full is told, and is no reader that has left', () => {
  const program = `"${process.execPath}" .build/beamstalk.cjs phases --blueprint`;
  const { status, stderr } = spawnSync('bash', ['-c', `${program} > /dev/full`], {
    cwd: join(import.meta.dirname, '..', '..'),
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'beamstalk: what is printed goes nowhere: ENOSPC: no space left on device, write\n',
  });
});

/** What comes to standard output and error, and the exit code of a program whose reader has gone before its first line. */
function codeOf(program: string, words: string, redirection: string): readonly (string | null)[] {
  const script = `{ sleep 0.1; "${process.execPath}" .build/${program} ${words} ${redirection} || echo "$?" >&3; } | true`;
  const { output } = spawnSync('bash', ['-c', script], {
    cwd: join(import.meta.dirname, '..', '..'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  return output.slice(1);
}
