import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cdkContext } from '../cdk-context';
import { runCommandLine } from './command-line';

describe('beamstalk cost', () => {
  test('bills what is configured, and the difference of two phases', () => {
    const one = runCommandLine(['cost', '--env', 'prod', '--set', 'traffic.requestsPerMonth=1e9', '--json']);
    expect(one).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(one.stdout)).toMatchObject({
      environment: 'prod',
      after: { traffic: { requestsPerMonth: 1e9 } },
    });
    const two = runCommandLine(['cost', '1', '2+1', '--env', 'dev']);
    expect(two).toMatchObject({ status: 0, stderr: '' });
    expect(two.stdout).toMatch(/^dev: phase 1 -> phase 2 from 1: \$\d+/);
  });

  test.each([
    [['cost', '2', '--set-a', 'traffic.users=1'], 2, '--set-a needs two architectures'],
    [
      ['cost', './lib', '--set', 'app.minNodes=3'],
      2,
      '--set sets the traffic of directory, which is taken as it is: not app.minNodes',
    ],
    [['cost', './lib'], 1, 'allowed: a folder with a manifest.json or *.template.json files'],
    [['cost', '2', '--set', 'traffic.writesPerMonth=-1'], 1, 'traffic.writesPerMonth: received -1;'],
    [['cost', '2', '--env', 'nope'], 1, 'env: received "nope";'],
    [['cost', '9'], 1, 'phase: received 9;'],
    [['cost', '2', '--json', '--markdown'], 2, "cannot be used with option '--markdown'"],
  ])('%j', (words, code, says) => {
    const { status, stdout, stderr } = runCommandLine(words);
    expect(stderr).toContain(says);
    expect(stdout).toBe('');
    expect(status).toBe(code);
  });
});

describe('a synthesis', () => {
  /** The CDK app as the CLI runs it, without validation. */
  const synth = (context: Readonly<Record<string, string>>): { status: number | null; stderr: string } => {
    const out = mkdtempSync(join(tmpdir(), 'synth-'));
    onTestFinished(() => rmSync(out, { recursive: true, force: true }));
    const env = {
      PATH: process.env['PATH'],
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkContext(), ...context }),
      CDK_VALIDATION: 'false',
    };
    return spawnSync(process.execPath, ['.build/app.cjs'], {
      cwd: join(import.meta.dirname, '..', '..'),
      env,
      encoding: 'utf8',
    });
  };

  test('says in one line that its bill exceeds the budget, and succeeds', () => {
    const { status, stderr } = synth({ env: 'dev', phase: '2', 'operations.budgetUSD': '100' });
    expect(stderr).toMatch(
      /^beamstalk: dev at phase 2 comes to \$\d+ a month at list prices, more than its budget of \$100 .*\n$/,
    );
    expect(status).toBe(0);
  });

  test('says nothing of a bill within it', () => {
    expect(synth({ env: 'dev', phase: '2' })).toMatchObject({ status: 0, stderr: '' });
  });
});
