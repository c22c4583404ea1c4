import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// What asks a gate for something that there is not gets a refusal: it would pass, and have tested less, or something else.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'beamstalk-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 100_000,
    // Of a vitest inside a vitest.
    env: { ...process.env, VITEST: undefined, VITEST_POOL_ID: undefined, VITEST_WORKER_ID: undefined, ...env },
  });
  return { status, stdout, stderr, lines: stderr.trimEnd().split('\n') };
}

describe('npm run test:boot', () => {
  /** run.sh beside parts that are not its own, and without machines. */
  function gate(parts: Readonly<Record<string, string>>, ...args: readonly string[]) {
    cpSync('test/boot', folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      if (/^[a-z-]+\.sh$/.test(name) && !['run.sh', 'parts.sh'].includes(name))
        writeFileSync(join(folder, name), 'check good true\n');
    }
    const machines = [
      ...['passed=0 failed=0', 'egress() { :; }', 'end() { :; }'],
      'check() { if "${@:2}"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; }',
    ];
    writeFileSync(join(folder, 'machines.sh'), `${machines.join('\n')}\n`);
    for (const [name, text] of Object.entries(parts)) writeFileSync(join(folder, `${name}.sh`), text);
    return run('bash', [join(folder, 'run.sh'), 'root', 'engine', folder, ...args]);
  }

  test('runs the parts that are named, or all others', () => {
    expect(gate({}, 'fleet', 'names').stdout).toMatch(/^----- fleet: \d s\n----- names: \d s\n2 passed, 0 failed\n$/);
    const others = gate({}, '--without', 'fleet', 'names');
    expect(others.status).toBe(0);
    expect(others.stdout).toMatch(/----- foreign-volume: /);
    expect(others.stdout).not.toMatch(/----- (?:fleet|names): /);
    expect(gate({}).stdout).toMatch(/----- fleet: /);
  });

  test.each([
    ['a name that no part has', ['fleet', 'flete'], "no part is called 'flete'; allowed are life systemd rollout "],
    ['a name to leave out that no part has', ['--without', 'flete'], "no part is called 'flete'; allowed are life "],
    ['an option that there is not', ['--wihtout', 'fleet'], "no part is called '--wihtout'; allowed are life "],
    ['a file that is no part', ['releases'], "no part is called 'releases'; allowed are life "],
    ['no name to leave out', ['--without'], '--without names no part; allowed are life '],
  ])('refuses %s, before anything is built', (_, args, words) => {
    for (const { status, stdout, lines } of [gate({}, ...args), run('bash', ['scripts/test-boot.sh', ...args])]) {
      expect([status, stdout, lines]).toEqual([2, '', [expect.stringContaining(`test-boot: ${words}`)]]);
    }
  });

  test.each([
    ['that bash cannot read to its end', 'check good true\nif true; then\n', 2],
    ['that checks nothing', 'return 0\ncheck good true\n', 1],
  ])('fails with a part %s', (_, text, status) => {
    expect(gate({ fleet: text }, 'fleet', 'names').status).toBe(status);
  });

  test('fails without the file of a part', () => {
    gate({});
    rmSync(join(folder, 'fleet.sh'));
    expect(run('bash', [join(folder, 'run.sh'), 'root', 'engine', folder, 'fleet', 'names']).status).toBe(2);
  });
});

test('the run of all gates takes no arguments', () => {
  // Should it run them after all, the first one fails.
  writeFileSync(join(folder, 'npm'), '#!/bin/sh\nexit 1\n');
  chmodSync(join(folder, 'npm'), 0o755);
  const { status, stdout, lines } = run('bash', ['.ci/run', 'test:boot'], {
    PATH: `${folder}${delimiter}${process.env['PATH']}`,
  });
  expect([status, stdout, lines]).toEqual([
    2,
    '',
    [expect.stringContaining('.ci/run: takes no arguments, and was given test:boot')],
  ]);
});

test('the linter of workflows takes no arguments', () => {
  const { status, lines } = run('bash', ['scripts/lint-workflows.sh', 'other.yml']);
  expect([status, lines]).toEqual([
    2,
    [expect.stringContaining('lint-workflows: takes no arguments, and was given other.yml')],
  ]);
});

test.each([
  ['lint-templates', '--anwe', "Unknown option '--anwe'; allowed: --anew"],
  ['bench', 'size', "Unexpected argument 'size'; allowed: no arguments"],
])('%s refuses what it does not know', (name, argument, words) => {
  const { status, stdout, lines } = run(process.execPath, ['--import', 'tsx', `scripts/${name}.ts`, argument]);
  expect([status, stdout, lines]).toEqual([2, '', [`${name}: ${words}`]]);
});

describe('tests', () => {
  const vitest = (...args: readonly string[]) =>
    run(process.execPath, [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'quick',
      'test/house/bench-node.test.ts',
      ...args,
    ]);

  test('of names that there are run', () => {
    expect(vitest('test/house/kept-findings', '-t', 'over nothing').status).toBe(0);
  });

  test('of a file that there is not are refused, beside one that there is', () => {
    const { status, stderr } = vitest('test/house/bench-nodes.test.ts');
    expect(status).toBe(1);
    expect(stderr).toContain('no file of tests is called test/house/bench-nodes.test.ts');
  });

  test('of a name that none has fail', () => {
    const { status, stderr } = vitest('-t', 'over something');
    expect(status).toBe(1);
    expect(stderr).toContain('no test is called over something');
  });
});
