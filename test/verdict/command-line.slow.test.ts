import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json';

const root = join(import.meta.dirname, '..', '..');

/** What `beamstalk` prints. test/prepare.ts has built it. */
function run(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = {
    PATH: process.env['PATH'],
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return spawnSync(process.execPath, ['.build/beamstalk.cjs', ...words], { cwd: root, env, encoding: 'utf8' });
}

test('says which version it is', () => {
  expect(run('--version')).toMatchObject({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
});

describe('what is none of the forms', () => {
  test.each([
    ['/nonexistent', 'The folder /nonexistent does not exist.'],
    ['./cdk.out.old', 'The folder ./cdk.out.old does not exist.'],
    ['package.json', 'package.json is a file; templates are compared by the folder that holds them.'],
    ['two', 'It is none of the forms.\nAn architecture is one of:'],
  ])('%s', (word, says) => {
    const { status, stderr } = run('diff', '2', word);
    expect(status).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe('a setting that is not allowed says how to set it here', () => {
  test.each([
    [['2', '3', '--set', 'app.port=1'], 'app.port: received 1;', '; set it in --set app.port=...'],
    [['2', '3', '--set-a', 'app.prt=1'], '(did you mean app.port?)', '; set it in --set-a app.prt=...'],
    [['2', '9'], 'phase: received 9;', '; set it in A or B, such as 2'],
    [['2+2', '3'], 'from: received 2;', '; set it in A or B, such as 2+1'],
    [
      ['2', '--env', 'prod', '--set', 'database.engineVersion=17.99'],
      'database.engineVersion: received "17.99"; allowed: a version that RDS for PostgreSQL has: 17.11, 17.10,',
      '; set it in --set database.engineVersion=...',
    ],
    [
      ['2', '--env', 'prod', '--set', 'database.class=db.z9g.large'],
      'database.class: received "db.z9g.large"; allowed: an instance class that RDS for PostgreSQL 17.9 has in us-east-1: ',
      '; set it in --set database.class=...',
    ],
    [
      ['6', '6', '--set', 'data.sharding.logicalShards=2048'],
      'data.sharding.logicalShards: received 2048; allowed: 1024: it is chosen once,',
      '; set it in --set data.sharding.logicalShards=... or the file',
    ],
    [['2', '3', '--env', 'nope'], 'env: received "nope";', '; set it in --env ...'],
  ])('%j', (words, ...parts) => {
    const { status, stderr } = run('diff', ...words);
    expect(status).toBe(1);
    for (const part of parts) expect(stderr).toContain(part);
    expect(stderr).not.toContain('--context');
  });
});

test.each([
  ['the shards come with the step', ['5', '6+5', '--set', 'data.sharding.logicalShards=2048']],
  [
    'both sides have as many',
    ['6', '6', '--set-a', 'data.sharding.logicalShards=2048', '--set', 'data.sharding.logicalShards=2048'],
  ],
])('another number of logical shards is no mistake where %s', (_, words) => {
  expect(run('diff', ...words)).toMatchObject({ status: 0, stderr: '' });
});

test('a setting given twice is misuse', () => {
  const { status, stderr } = run('diff', '2', '3', '--set', 'app.port=4000', '--set', 'app.port=4001');
  expect(status).toBe(2);
  expect(stderr).toContain('app.port is set twice; say it once.');
});

test('a value that nobody gave names both places to set it, in the words of this command', () => {
  const { stderr } = run('diff', '2', '--set', 'web.minNodes=9');
  expect(stderr).toContain('web.maxNodes: received 4, the default;');
  expect(stderr).toContain('; set it in config/dev.json or by --set web.maxNodes=...\n');
});

describe('a removal that is accepted', () => {
  const entry = {
    rule: 'data-removed',
    resource: 'prod-warehouse/WarehouseNamespace78ED5B58',
    reason: 'reports moved to the vendor',
    until: '2099-12-31',
  };
  const removal = (accepted: object) =>
    run(
      'diff',
      '6',
      '--env',
      'prod',
      '--set',
      'data.warehouse.enabled=false',
      '--set',
      `accepted=${JSON.stringify([accepted])}`,
    );

  test.each<[string, object, number, string]>([
    ['passes, and is printed', entry, 0, 'until 2099-12-31: reports moved to the vendor'],
    ['fails after its day', { ...entry, until: '2020-12-31' }, 4, 'was accepted until'],
    ['fails when it matches nothing', { ...entry, resource: 'prod-warehouse/Other' }, 4, '[acceptance-void]'],
    [
      'fails when it would cover more',
      { ...entry, resource: 'prod-warehouse/*' },
      1,
      'no wildcards; set it in --set accepted=...',
    ],
    [
      'fails for a rule of the gate',
      { ...entry, rule: 'climb-step' },
      1,
      'what the gate refuses, and what needs a migration',
    ],
  ])('%s', (_, accepted, code, says) => {
    const { status, stdout, stderr } = removal(accepted);
    expect(status).toBe(code);
    expect(stdout + stderr).toContain(says);
  });
});

test('the SDK does not speak of the future of Node.js', () => {
  const { status, stderr } = run('diff', 'deployed', '2');
  expect(status).toBe(1);
  expect(stderr).toContain('only with AWS credentials');
  expect(stderr).not.toContain('NodeVersionSupportWarning');
});
