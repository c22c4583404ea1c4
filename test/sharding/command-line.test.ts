import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../commands/command-line';

test.each([[['shards', 'status']], [['phases']]])('%j says where to set an unknown environment', (words) => {
  const { status, stderr } = runCommandLine([...words, '--env', 'nope']);
  expect(status).toBe(1);
  expect(stderr).toContain('env: received "nope"; allowed: one of dev, prod, staging; set it in --env ...\n');
  expect(stderr).not.toContain('--context');
});

describe('when AWS does not answer, shards say so in one line', () => {
  test.each([
    ['without a network', { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }, 'ECONNREFUSED 127.0.0.1:1'],
    ['without credentials', {}, 'with AWS credentials only'],
  ])('%s', (_, more, says) => {
    const { status, stdout, stderr } = runCommandLine(['shards', 'status'], more);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^beamstalk: .+\n$/);
  });
});

test('a restored cluster has to be named', () => {
  const { status, stderr } = runCommandLine(['shards', 'register', '--restored', 'a,b,c']);
  expect(status).toBe(2);
  expect(stderr).toContain('--restored says where one cluster is; name it');
});

describe('finish wants each logical shard with the version it was frozen in', () => {
  test.each(['3', '3,4', '3-5@6', '3@', '@6', '3@6,4', '3@6,3@8', '3@-1', '3@6,', '3@6@8'])('%s', (shards) => {
    const { status, stdout, stderr } = runCommandLine(['shards', 'finish', shards]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      `error: command-argument value '${shards}' is invalid for argument 'shards'. Write each once, with the version it was frozen in, as \`freeze\` prints them: 17@42 or 17@42,18@43.\n`,
    );
  });

  test.each(['3@6', '3@6,4@8', '3@6, 4@8', '3@6,3@6'])('%s is taken', (shards) => {
    const { status, stderr } = runCommandLine(['shards', 'finish', shards]);
    expect(status).toBe(1);
    expect(stderr).toContain('with AWS credentials only');
  });
});
