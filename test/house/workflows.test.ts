import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly 'working-directory'?: string;
}
type Permissions = Readonly<Record<string, string>>;
interface Job {
  readonly permissions?: Permissions;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FILES = ['.github/workflows', 'docs/examples'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name)),
);
const read = (file: string): Workflow => parse(readFileSync(file, 'utf8'));
const isCheckout = ({ uses = '' }: Step): boolean => uses.startsWith('actions/checkout@');

describe.each(FILES)('%s', (file) => {
  const workflow = read(file);
  const jobs = Object.entries(workflow.jobs);

  test('names actions by digest, with the version that a reader looks for', () => {
    const lines = readFileSync(file, 'utf8').match(/^.*\buses:.*$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('gives a token that writes to no job that runs code of a repository', () => {
    for (const [name, { permissions = workflow.permissions, steps }] of jobs) {
      expect([name, permissions]).not.toContain(undefined);
      const writes = Object.values(permissions ?? {}).filter((right) => right !== 'read');
      if (steps.some((step) => isCheckout(step) || /\b(npm|npx|node)\b/.test(step.run ?? ''))) {
        expect([name, writes]).toEqual([name, []]);
      }
    }
  });

  test('leaves no token behind in a checkout', () => {
    for (const step of jobs.flatMap(([, { steps }]) => steps.filter(isCheckout))) {
      expect(step.with?.['persist-credentials']).toBe(false);
    }
  });

  test('puts nothing that others write into a script, where it would run', () => {
    for (const { run = '' } of jobs.flatMap(([, { steps }]) => steps)) expect(run).not.toContain('${{');
  });

  test('never starts with the rights of the base branch on what a pull request holds', () => {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    if ('workflow_run' in workflow.on) {
      expect(jobs.flatMap(([, { steps }]) => steps.filter(isCheckout))).toEqual([]);
    }
  });
});

describe('the verdict on a pull request', () => {
  const { jobs } = read('docs/examples/beamstalk-diff.yml');
  const BASE = '${{ github.event.pull_request.base.sha }}';
  const judging = Object.values(jobs).filter(({ steps }) => steps.some(({ run = '' }) => run.includes('beamstalk')));
  const [judge] = judging;

  test('is given by the rules of the branch that it merges into, which alone run beside them', () => {
    expect(judging).toHaveLength(1);
    const checkouts = judge?.steps.filter(isCheckout) ?? [];
    expect(checkouts.map((step) => step.with?.['ref'])).toEqual([BASE]);
    // The scripts run where the base branch is checked out, and not in what the pull request left.
    for (const step of judge?.steps ?? []) {
      if (/\b(npm|npx|node)\b/.test(step.run ?? ''))
        expect(step['working-directory']).toBe(checkouts[0]?.with?.['path']);
    }
  });

  /** Runs the scripts of the judging job in its order, as a runner does, with a verdict of this exit code. */
  function run(code: number): { readonly calls: readonly string[]; readonly statuses: readonly (number | null)[] } {
    const root = mkdtempSync(join(tmpdir(), 'beamstalk-workflow-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    for (const folder of ['stubs', 'before', 'after.out']) mkdirSync(join(root, folder));
    for (const command of ['npm', 'npx']) {
      const path = join(root, 'stubs', command);
      writeFileSync(
        path,
        `#!/bin/bash\necho "\${PWD##*/}: ${command} $*" >> "$ROOT/calls"\ncase "$*" in *beamstalk*) echo verdict; exit ${code} ;; esac\n`,
      );
      chmodSync(path, 0o755);
    }
    const outputs = join(root, 'outputs');
    const statuses: (number | null)[] = [];
    for (const step of judge?.steps ?? []) {
      // The last step runs on one output only; the runner decides that.
      if (step.run === undefined || (step as { if?: string }).if !== undefined) continue;
      const { status } = spawnSync('bash', ['-eo', 'pipefail', '-c', step.run], {
        cwd: join(root, step['working-directory'] ?? '.'),
        env: {
          PATH: `${join(root, 'stubs')}:${process.env['PATH'] ?? ''}`,
          ROOT: root,
          ENVIRONMENT: 'prod',
          GITHUB_OUTPUT: outputs,
          GITHUB_STEP_SUMMARY: join(root, 'summary'),
        },
      });
      statuses.push(status);
    }
    expect(existsSync(outputs) && readFileSync(outputs, 'utf8')).toBe(`code=${code}\n`);
    expect(readFileSync(join(root, 'summary'), 'utf8')).toBe('verdict\n');
    return { calls: readFileSync(join(root, 'calls'), 'utf8').split('\n').slice(0, -1), statuses };
  }

  test.each([
    [0, 0],
    [3, 0],
    [4, 0],
    [1, 1],
    [2, 2],
  ])('of exit code %i ends the judging with %i, from the folder of the base branch', (code, status) => {
    const { calls, statuses } = run(code);
    expect(statuses).toEqual([0, status]);
    expect(calls.map((call) => call.split(':')[0])).toEqual(['before', 'before', 'before']);
    expect(calls.at(-1)).toBe(
      'before: npm run --silent beamstalk -- diff ../before.out ../after.out --env prod --markdown',
    );
  });

  test('refused fails the check', () => {
    const last = judge?.steps.at(-1) as Step & { readonly if?: string };
    expect(last.if).toBe("steps.judge.outputs.code == '4'");
    expect(last.run).toMatch(/^exit 1$/m);
  });
});

describe('the comment on a pull request', () => {
  const { jobs } = read('docs/examples/beamstalk-comment.yml');
  const script = jobs['comment']?.steps.find(({ run }) => run !== undefined)?.run ?? '';

  /** Runs the script over these verdicts, and answers with the comments that it posts. */
  function post(lay: (folder: string) => void): readonly string[] {
    const root = mkdtempSync(join(tmpdir(), 'beamstalk-comment-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    for (const folder of ['stubs', 'verdicts', 'posted']) mkdirSync(join(root, folder));
    // GitHub knows one pull request, and no comment on it yet.
    const answers = {
      gh: 'case "$*" in *pulls*) echo 7 ;; *POST*) cp comment.md posted/$RANDOM$RANDOM ;; esac',
      jq: '',
    };
    for (const [command, text] of Object.entries(answers)) {
      writeFileSync(join(root, 'stubs', command), `#!/bin/bash\n${text}\n`);
      chmodSync(join(root, 'stubs', command), 0o755);
    }
    writeFileSync(join(root, 'secret'), 'a word of the runner');
    lay(join(root, 'verdicts'));
    const { status, stderr } = spawnSync('bash', ['-e', '-c', script], {
      cwd: root,
      encoding: 'utf8',
      // From a socket bash would read the commands of whoever runs this.
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${join(root, 'stubs')}:${process.env['PATH'] ?? ''}`,
        GITHUB_REPOSITORY: 'o/r',
        HEAD: '0123',
      },
    });
    expect([status, stderr]).toEqual([0, '']);
    return readdirSync(join(root, 'posted')).map((name) => readFileSync(join(root, 'posted', name), 'utf8'));
  }

  test('is the verdict, one for each environment', () => {
    const posted = post((folder) => {
      for (const environment of ['dev', 'prod']) {
        mkdirSync(join(folder, `verdict-${environment}`));
        writeFileSync(join(folder, `verdict-${environment}`, 'verdict.md'), `of ${environment}`);
      }
    });
    expect([...posted].sort()).toEqual(['dev', 'prod'].map((name) => `<!-- beamstalk-diff ${name} -->\n\nof ${name}`));
  });

  test('is never a file of the runner, wherever a link of the pull request leads', () => {
    const posted = post((folder) => {
      mkdirSync(join(folder, 'verdict-dev'));
      symlinkSync('../../secret', join(folder, 'verdict-dev', 'verdict.md'));
      writeFileSync(join(folder, '..', 'verdict.md'), 'a word of the runner');
      symlinkSync('..', join(folder, 'verdict-prod'));
      mkdirSync(join(folder, 'verdict-staging', 'verdict.md'), { recursive: true });
    });
    expect(posted).toEqual([]);
  });
});
