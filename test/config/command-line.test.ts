import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** What `npx cdk synth -c ...` runs, with the context handed over as the CDK CLI does it. test/prepare.ts has built it. */
function run(context: Readonly<Record<string, string>>): { status: number | null; stderr: string } {
  const outdir = mkdtempSync(join(tmpdir(), 'command-line-'));
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    CDK_VALIDATION: 'false',
  };
  const { status, stderr } = spawnSync(process.execPath, ['.build/app.cjs'], { cwd: root, env, encoding: 'utf8' });
  return { status, stderr };
}

describe('bad input ends with exit code 1 and one message', () => {
  test.each([
    [{ phase: '7' }, 'phase: received 7; allowed: an integer from 0 to 6;'],
    [{ env: 'nope' }, 'env: received "nope"; allowed: one of dev, prod, staging;'],
    [{ 'app.instanceType': 'c7i.5xlarge' }, 'app.instanceType: received "c7i.5xlarge";'],
    [{ 'databse.class': 'x' }, '(did you mean database.class?)'],
    [{ 'network.cidr': '10.0.0.0/28' }, 'network.cidr: received "10.0.0.0/28";'],
    [{ 'constructor.x': '1' }, 'constructor.x: received "1"; allowed: one of'],
  ])('%j', (context, expected) => {
    const { status, stderr } = run(context);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^beamstalk: 1 error in /);
    expect(stderr).toContain(expected);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });
});

test('a phase that nobody says is not taken for 0', () => {
  const directory = mkdtempSync(join(tmpdir(), 'said-phase-'));
  mkdirSync(join(directory, 'config'));
  writeFileSync(join(directory, 'config', 'dev.json'), '{ "logDays": 30 }');
  const outcome = (context: object): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [join(root, '.build', 'app.cjs')], {
      cwd: directory,
      env: {
        ...process.env,
        CDK_CONTEXT_JSON: JSON.stringify(context),
        CDK_OUTDIR: directory,
        CDK_VALIDATION: 'false',
      },
      encoding: 'utf8',
    });
  const { status, stderr } = outcome({});
  expect(status).toBe(1);
  expect(stderr).toBe(
    'beamstalk: 1 error in config/dev.json\n  phase: allowed: an integer from 0 to 6: how far the environment has grown; set it in config/dev.json or by --context phase=...\n',
  );
  expect(String(outcome({ phase: '7' }).stderr)).toContain('phase: received 7;');
});
