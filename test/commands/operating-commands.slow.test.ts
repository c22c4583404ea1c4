import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { makeRelease, scratch } from './release/archives';

const root = join(import.meta.dirname, '..', '..');
const folder = scratch();
afterAll(folder.clean);

/** Command line as a user has it, where nobody answers for AWS. test/prepare.ts has built it. */
function run(words: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: process.env['PATH'],
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_MAX_ATTEMPTS: '1',
    ...more,
  };
  return spawnSync(process.execPath, ['.build/beamstalk.cjs', ...words], { cwd: root, env, encoding: 'utf8' });
}

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
      const { status, stdout, stderr } = run(words);
      expect(stderr).toBe(
        'beamstalk: no AWS credentials were found; set AWS_PROFILE, or as every AWS tool finds them\n',
      );
      expect([status, stdout]).toEqual([1, '']);
    },
  );
});

test('without a network, they say so too', () => {
  const { status, stdout, stderr } = run(['status', '--env', 'prod'], {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  });
  expect(stderr).toMatch(/^beamstalk: AWS cannot be reached \(ECONNREFUSED: .+\)\n$/);
  expect([status, stdout]).toEqual([1, '']);
});

test('an environment that no file is of is named, before AWS is asked', () => {
  const { status, stderr } = run(['release', 'list', '--env', 'nope']);
  expect(status).toBe(1);
  expect(stderr).toContain('env: received "nope"; allowed: one of dev, prod, staging; set it in --env ...\n');
});

test('a file that is no release is refused before AWS is asked', () => {
  const { status, stdout, stderr } = run(['release', 'push', join(root, 'README.md')]);
  expect(stderr).toMatch(/^beamstalk: \S+README\.md is no gzipped tar \(.+\): push takes a \.tar\.gz\n$/);
  expect([status, stdout]).toEqual([1, '']);
});

describe('misuse ends with 2, and what is right', () => {
  test.each<[string[], string]>([
    [['release', 'push'], "missing required argument 'FILE'"],
    [['release', 'use'], "missing required argument 'VERSION'"],
    [['logs', '--since', '1 hour'], 'Write a number and s, m, h or d, such as 90s, 15m, 1h or 2d.'],
    [['logs', '--role', 'database'], 'Allowed choices are box, app, worker, web.'],
    [['shell', 'web-1'], 'Write the id of an instance, such as i-0123456789abcdef0.'],
    [['run'], "missing required argument 'EXPRESSION'"],
    [['run', '1 + 1', '--node', 'i-1'], "unknown option '--node'"],
  ])('%j', (words, message) => {
    const { status, stdout, stderr } = run(words);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
  });
});
