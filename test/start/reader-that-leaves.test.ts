import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test.each([
  ['2>&1', '--help'],
  ['2>&1 >/dev/null', 'nonsense'],
])('a reader that has read enough ends the program without a stack trace: %s of %s', (redirection, word) => {
  const script = `{ "${process.execPath}" .build/beamstalk.cjs ${word} ${redirection} || echo "$?" >&3; } | true`;
  const { output } = spawnSync('bash', ['-c', script], {
    cwd: join(import.meta.dirname, '..', '..'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  expect(output.slice(1)).toEqual(['', '', '141\n']);
});
