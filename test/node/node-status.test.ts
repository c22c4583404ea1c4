import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toldBy } from '../../lib/commands/environment/node-status';
import { saysItIsToEnd } from '../../lib/commands/release/use';
import { projectPath } from '../../lib/facts/project-path';

const SCRIPT = projectPath('lib', 'node', 'boot', 'files', 'bin', 'node-status.sh');

/** Line that the last command of the script prints, with its own Python, for what the shell has found out. */
function printed(...found: readonly string[]): string {
  const [, program] = /python3 -I -c '([^']+)'/.exec(readFileSync(SCRIPT, 'utf8')) ?? [];
  if (program === undefined) throw new Error(`${SCRIPT} has another form`);
  return execFileSync('python3', ['-I', '-c', program, ...found], { encoding: 'utf8' });
}

const FOUND = [
  'app',
  'shop-1.0.0',
  's3://bucket/releases/1.0.0/shop-1.0.0.tar.gz',
  'true',
  'InService',
  'false',
  'true',
  'true',
  'true',
  '12',
];

test('what a node tells is what the command line reads', () => {
  const output = printed(...FOUND, '2026-11-29T12:00:00Z');
  expect(toldBy({ ok: true, exitCode: 0, output, errors: '', details: 'Success' })).toEqual({
    status: {
      role: 'app',
      release: 'shop-1.0.0',
      uri: 's3://bucket/releases/1.0.0/shop-1.0.0.tar.gz',
      healthy: true,
      state: 'InService',
      draining: false,
      rolling: true,
      left: true,
      untold: true,
      connections: 12,
      since: '2026-11-29T12:00:00Z',
    },
  });
});

test('a node whose release does not run tells that too', () => {
  const output = printed(...FOUND, '');
  const told = toldBy({ ok: true, exitCode: 0, output, errors: '', details: 'Success' });
  expect(told).toMatchObject({ status: { since: null } });
});

test('the command line knows by its words a node that is to end', () => {
  const rollout = readFileSync(projectPath('lib', 'node', 'boot', 'files', 'bin', 'rollout.sh'), 'utf8');
  const [, words = ''] = /fail "(the node is not in service[^"]*)"/.exec(rollout) ?? [];
  expect(saysItIsToEnd(`${words}`)).toBe(true);
  expect(saysItIsToEnd('shop-1.0.0 is not well: it has crashed 3 times. shop-0.9.0 serves')).toBe(false);
});
