import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommandLine } from './command-line';
import { makeRelease, scratch } from './release/archives';

const root = join(import.meta.dirname, '..', '..');
const folder = scratch();
afterAll(folder.clean);

const archive = makeRelease(folder.path);
const COMMANDS: readonly string[][] = [
  ['release', 'push', archive],
  ['release', 'list'],
  ['release', 'use', '1.0.0'],
  ['release', 'back'],
  ['status'],
  ['logs'],
  ['run', '1 + 1'],
];

describe('without credentials, each command says so in one line, and ends with 1', () => {
  test.each(COMMANDS.map((words) => [words.slice(0, 2).join(' ').replace(archive, ''), words] as const))(
    '%s',
    (_, words) => {
      const { status, stdout, stderr } = runCommandLine(words);
      expect(stderr).toBe(
        'beamstalk: no AWS credentials were found; set AWS_PROFILE, or as every AWS tool finds them\n',
      );
      expect([status, stdout]).toEqual([1, '']);
    },
  );
});

test('without a network, they say so too', () => {
  const { status, stdout, stderr } = runCommandLine(['status', '--env', 'prod'], {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  });
  expect(stderr).toMatch(/^beamstalk: AWS cannot be reached \(ECONNREFUSED: .+\)\n$/);
  expect([status, stdout]).toEqual([1, '']);
});

test('an environment that no file is of is named, before AWS is asked', () => {
  const { status, stderr } = runCommandLine(['release', 'list', '--env', 'nope']);
  expect(status).toBe(1);
  expect(stderr).toContain('env: received "nope"; allowed: one of dev, prod, staging; set it in --env ...\n');
});

test('a file that is no release is refused before AWS is asked', () => {
  const { status, stdout, stderr } = runCommandLine(['release', 'push', join(root, 'README.md')]);
  expect(stderr).toMatch(/^beamstalk: \S+README\.md is no gzipped tar \(.+\): push takes a \.tar\.gz\n$/);
  expect([status, stdout]).toEqual([1, '']);
});

describe('misuse ends with 2, and what is right', () => {
  test.each<[string[], string]>([
    [['release', 'push'], "missing required argument 'FILE'"],
    [['release', 'use'], "missing required argument 'VERSION'"],
    [['logs', '--since', '1 hour'], 'Write a number and s, m, h or d, such as 90s, 15m, 1h or 2d.'],
    [['logs', '--role', 'database'], 'Allowed choices are box, app, worker, web, mover.'],
    [['shell', 'web-1'], 'Write the id of an instance, such as i-0123456789abcdef0.'],
    [['run'], "missing required argument 'EXPRESSION'"],
    [['run', '1 + 1', '--node', 'i-1'], "unknown option '--node'"],
  ])('%j', (words, message) => {
    const { status, stdout, stderr } = runCommandLine(words);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
  });
});
