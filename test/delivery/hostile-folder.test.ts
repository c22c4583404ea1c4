import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Bench } from './bench';
import { toolchainBench } from './toolchain-bench';

// CodeBuild runs the commands of a project in the folder that the action before has filled. What a source or a build puts
// there must not run where a project has rights that the source has not. Python, bash, tar and awk are the real ones.

interface Commands {
  readonly phases: Readonly<Record<string, { readonly commands: readonly string[] }>>;
}

/** Every module that Python has, by the name of a file in the folder; and programs that scripts call. */
const MODULES = spawnSync('python3', ['-I', '-c', 'import sys; print(*sys.stdlib_module_names)'], { encoding: 'utf8' })
  .stdout.trim()
  .split(' ');
const PROGRAMS = ['python3', 'bash', 'sh', 'aws', 'tar', 'gzip', 'sha256sum', 'awk', 'grep', 'head', 'cut', 'curl'];

function plantIn(made: Bench, folder: string): void {
  const canary = join(made.root, 'canary');
  for (const name of [...MODULES, 'sitecustomize', 'usercustomize']) {
    made.write(join(folder, `${name}.py`), `open(${JSON.stringify(canary)}, 'a').write('module ${name}\\n')\n`);
  }
  for (const name of PROGRAMS) {
    made.write(join(folder, name), `#!/bin/bash\necho program ${name} >> '${canary}'\n`);
    chmodSync(join(made.root, folder, name), 0o755);
  }
  for (const name of ['.bashrc', '.bash_profile', '.profile', '.envrc']) {
    made.write(join(folder, name), `echo file ${name} >> '${canary}'\n`);
  }
  // A version manager takes the interpreter from here, a path that leads elsewhere included.
  made.write(join(folder, '.python-version'), '../../planted\n');
}

/** Runs the commands of a buildspec as CodeBuild does: in one shell, in the folder of the source, until one fails. */
function runBuildSpec(made: Bench, name: string, folder: string, variables: Readonly<Record<string, string>>) {
  const { phases } = parse(made.read(`tools/${name}`)) as Commands;
  const script = Object.values(phases)
    .flatMap(({ commands }) => commands)
    .map((command) => `{ ${command.replaceAll('/tmp/', `${made.root}/tmp/`).trimEnd()}\n} || exit\n`)
    .join('');
  return spawnSync('timeout', ['60', 'bash', '-c', script], {
    cwd: join(made.root, folder),
    encoding: 'utf8',
    env: {
      PATH: `${join(made.root, 'stubs')}:${process.env['PATH'] ?? ''}`,
      HOME: join(made.root, 'home'),
      ROOT: made.root,
      PAUSE_SECONDS: '0',
      TOOLS: 's3://bucket/tools.zip',
      ...variables,
    },
  });
}

function bench(): Bench {
  const made = toolchainBench();
  made.zip('tools', 'bucket/tools.zip');
  made.write('tmp/.keep', '');
  made.write('home/.keep', '');
  made.answer('apt-get', '');
  return made;
}

const canaryOf = (made: Bench): string => (existsSync(join(made.root, 'canary')) ? made.read('canary') : '');

describe('a hostile folder', () => {
  test('holds what Python and bash would find before their own, if they looked', () => {
    const made = bench();
    plantIn(made, 'source');
    spawnSync('python3', ['-m', 'zipfile', '-h'], { cwd: join(made.root, 'source') });
    spawnSync('bash', ['-c', 'PATH=.:$PATH; head -n 1 .profile; source ./.profile'], {
      cwd: join(made.root, 'source'),
    });
    expect(canaryOf(made)).toMatch(/^module \w+\n(.*\n)*program head\nfile \.profile\n$/);
  });

  test('is not asked by the project that publishes', () => {
    const made = bench();
    plantIn(made, 'source');
    const { status, stderr } = runBuildSpec(made, 'publish.yml', 'source', PUBLISHING);
    expect(canaryOf(made)).toBe('');
    // It has come as far as looking at what there is.
    expect([status, stderr]).toEqual([1, expect.stringContaining('one <name>-<version>.tar.gz is expected')]);
  });

  test('with a release among what is hidden is published without running any of it', () => {
    const made = bench();
    plantIn(made, 'hidden');
    made.write('source/.python-version', '../../planted\n');
    made.write('tree/releases/start_erl.data', '15 1.2.3');
    made.pack('tree', 'source/echo-1.2.3.tar.gz');
    spawnSync('bash', ['-c', 'mv hidden source/.planted; rm -f source/.tool-*'], { cwd: made.root });
    const { status, stderr } = runBuildSpec(made, 'publish.yml', 'source', PUBLISHING);
    expect([status, stderr, canaryOf(made)]).toEqual([0, '', '']);
    expect(readFileSync(join(made.root, 'bucket/releases/e1-7/echo-1.2.3.tar.gz')).length).toBeGreaterThan(0);
  });

  test('is not asked by the project that makes the toolchain, which makes it', () => {
    const made = bench();
    plantIn(made, 'source');
    const variables = { TOOLCHAINS: 'bucket', BEAM_HOME: join(made.root, 'beam') };
    const { status, stderr } = runBuildSpec(made, 'toolchain.yml', 'source', variables);
    expect([status, stderr, canaryOf(made)]).toEqual([0, '', '']);
    expect(made.read('beam/elixir/bin/mix')).toBe('mix');
  });

  test('is not asked before the build begins', () => {
    const made = bench();
    plantIn(made, 'source');
    const variables = { BEAM_HOME: join(made.root, 'beam'), BIN: join(made.root, 'bin') };
    const { status, stderr } = runBuildSpec(made, 'buildspec.yml', 'source', variables);
    expect(canaryOf(made)).toBe('');
    expect([status, stderr]).toEqual([1, 'neither mix.exs nor rebar.config is in the source\n']);
  });

  test.each([
    ['promote.sh', 1],
    // Releases that boot while the new nodes migrate, and from then on.
    ['replace.sh', 2],
  ])('is not asked by %s', (SCRIPT, written) => {
    const made = bench();
    plantIn(made, 'source');
    made.write('bundle/release', 's3://bucket/releases/e1-7/echo-1.2.3.tar.gz\nrolling\n');
    made.zip('bundle', 'bucket/bundle.zip');
    made.answer(
      'aws',
      `case "$*" in
        's3 cp '*) from="\${@: -2:1}"; cp "$ROOT/bucket/\${from#s3://bucket/}" "\${@: -1}" ;;
        's3api get-object '*) cp "$ROOT/bucket/bundle.zip" "\${@: -1}" ;;
        'deploy get-deployment '*) echo 'bucket bundle.zip 1' ;;
        'autoscaling start-instance-refresh '*) echo refresh-1 ;;
        'autoscaling describe-instance-refreshes '*) echo 'Successful done' ;;
        'ssm get-parameter'*) echo none ;;
      esac`,
    );
    const variables = {
      ...{ SCRIPT, ENVIRONMENT: 'prod', DEPLOYMENT_ID: 'd-1', GROUP: 'app', GROUPS_TO_REPLACE: 'app' },
      ...{ MAX_HEALTHY: '150', RELEASE_URI: 's3://bucket/releases/e1-7/echo-1.2.3.tar.gz' },
    };
    const { status, stderr } = runBuildSpec(made, 'run.yml', 'source', variables);
    expect([status, stderr, canaryOf(made)]).toEqual([0, '', '']);
    expect(made.aws('put-parameter')).toHaveLength(written);
  });
});

// The kind: neither the folder that a script runs in nor the environment says what Python imports.
test('every Python that a script, a buildspec or user data starts is isolated', () => {
  const calls = readdirSync('lib', { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(sh|yml|ts)$/.test(name))
    .flatMap((name) => [
      ...readFileSync(join('lib', name), 'utf8').matchAll(/^(?!\s*#).*\bpython3 (?:-|\S*["$/]).*$/gm),
    ])
    .map(([line]) => line.trim());
  expect(calls.length).toBeGreaterThan(10);
  expect(calls.filter((line) => / python3 (?!-I )|^python3 (?!-I )/.test(line))).toEqual([]);
});

const PUBLISHING = { RELEASES: 'bucket', BUILD: 'e1', MODE: 'rolling', CODEBUILD_BUILD_NUMBER: '7' };
