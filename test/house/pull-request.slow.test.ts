import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectPath } from '../../lib/facts/project-path';

// Runs docs/examples/beamstalk-diff.yml as a runner of GitHub does: a folder, a home and a checkout by git for each job, and
// between them what it uploads. Synth, build and diff are the real ones; `npm ci` gives the packages of this checkout.

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly id?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly 'working-directory'?: string;
}
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const { jobs } = parse(readFileSync(projectPath('docs/examples/beamstalk-diff.yml'), 'utf8')) as Workflow;
const root = mkdtempSync(join(tmpdir(), 'beamstalk-pull-request-'));
const origin = join(root, 'origin');
const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-C', origin, ...words], {
    encoding: 'utf8',
  }).trim();

/** Writes a file of the repository; `change` gets what is there. */
function edit(name: string, change: (text: string) => string): void {
  writeFileSync(join(origin, name), change(readFileSync(join(origin, name), 'utf8')));
}
const setPhase = (phase: number) => (text: string) => text.replace(/"phase": \d/, `"phase": ${phase}`);

beforeAll(() => {
  // The test is of this checkout, committed or not.
  const names = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: dirname(projectPath('package.json')),
    encoding: 'utf8',
  });
  for (const name of names.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(origin, name)), { recursive: true });
    copyFileSync(projectPath(name), join(origin, name));
  }
  git('init', '--quiet', '--initial-branch=main');
  edit('config/prod.json', setPhase(1));
  git('add', '--all');
  git('commit', '--quiet', '--message=base');
  mkdirSync(join(root, 'bin'));
  const npm = join(root, 'bin', 'npm');
  const own = execFileSync('bash', ['-c', 'type -P npm'], { encoding: 'utf8' }).trim();
  writeFileSync(
    npm,
    `#!/bin/bash\nif [[ "$1" == ci ]]; then exec ln -sfn '${projectPath('node_modules')}' node_modules; fi\nexec '${own}' "$@"\n`,
  );
  chmodSync(npm, 0o755);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Files of a path, or of a folder by what their names end with, which is all that a path of the workflow has. */
function filesOf(path: string): readonly string[] {
  const [, folder, ending = ''] = /^([^*]*)\/\*([^*/]*)$/.exec(path) ?? [];
  if (folder === undefined) return [path];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/** One job on a machine of its own. Answers with the status of its last step that ran, and all that it wrote. */
class Runner {
  private readonly work: string;
  private readonly outputs = new Map<string, string>();
  output = '';

  constructor(
    job: string,
    private readonly expressions: Readonly<Record<string, string>>,
  ) {
    this.work = join(root, job);
    for (const folder of ['work', 'home']) mkdirSync(join(this.work, folder), { recursive: true });
    for (const file of ['summary', 'outputs']) writeFileSync(join(this.work, file), '');
  }

  read(file: string): string {
    return readFileSync(join(this.work, file), 'utf8');
  }

  run(steps: readonly Step[]): number {
    for (const step of steps) {
      const status = this.isDue(step) ? this.take(step) : 0;
      if (status !== 0) return status;
    }
    return 0;
  }

  private isDue({ if: condition }: Step): boolean {
    if (condition === undefined) return true;
    const [, id = '', name = '', value] = /^steps\.(\w+)\.outputs\.(\w+) == '(\w+)'$/.exec(condition) ?? [];
    if (value === undefined) throw new Error(`this runner does not know the condition ${condition}`);
    return this.outputs.get(`${id}.${name}`) === value;
  }

  private take(step: Step): number {
    if (step.run !== undefined) return this.script(step, step.run);
    const given = (key: string): string => this.evaluate(String(step.with?.[key] ?? ''));
    const [action] = step.uses?.split('@') ?? [];
    switch (action) {
      case 'actions/checkout':
        git(
          'worktree',
          'add',
          '--quiet',
          '--force',
          '--detach',
          join(this.work, 'work', given('path')),
          given('ref') || 'merge',
        );
        return 0;
      case 'actions/setup-node':
        return 0;
      case 'actions/upload-artifact':
        for (const file of filesOf(join(this.work, 'work', given('path')))) {
          mkdirSync(join(root, 'artifacts', given('name')), { recursive: true });
          cpSync(file, join(root, 'artifacts', given('name'), basename(file)));
        }
        return 0;
      case 'actions/download-artifact':
        cpSync(join(root, 'artifacts', given('name')), join(this.work, 'work', given('path')), { recursive: true });
        return 0;
      default:
        throw new Error(`this runner does not know ${step.uses}`);
    }
  }

  private script(step: Step, text: string): number {
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', text], {
      cwd: join(this.work, 'work', step['working-directory'] ?? '.'),
      encoding: 'utf8',
      env: {
        PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`,
        HOME: join(this.work, 'home'),
        CI: 'true',
        CDK_VALIDATION: 'false',
        ENVIRONMENT: 'prod',
        GITHUB_OUTPUT: join(this.work, 'outputs'),
        GITHUB_STEP_SUMMARY: join(this.work, 'summary'),
      },
    });
    this.output += stdout + stderr;
    for (const [, name, value = ''] of this.read('outputs').matchAll(/^(\w+)=(.*)$/gm)) {
      this.outputs.set(`${step.id}.${name}`, value);
    }
    return status ?? 1;
  }

  private evaluate(text: string): string {
    return text.replace(/\$\{\{ (\S+) \}\}/g, (_, name: string) => {
      const value = this.expressions[name];
      if (value === undefined) throw new Error(`this runner does not know ${name}`);
      return value;
    });
  }
}

test('a pull request that brings its own judge is judged by the one of the base branch', () => {
  const base = git('rev-parse', 'HEAD');
  git('checkout', '--quiet', '-b', 'pull-request');
  // The database goes, and whatever would say so says that all is well; where it can, it leaves a judge behind as well.
  edit('config/prod.json', setPhase(0));
  const says = "console.log('all is well'); process.exit(0);";
  writeFileSync(join(origin, 'bin/beamstalk.ts'), says);
  edit('package.json', (text) => text.replace(/("beamstalk": )".*"/, `$1"echo all is well"`));
  edit(
    'bin/app.ts',
    (text) => `import { mkdirSync as makeFolder, writeFileSync as plant } from 'node:fs';
for (const folder of ['../before', '../before/.build', '../after.out', '../after.out/bin']) {
  makeFolder(folder, { recursive: true });
  for (const name of ['package.json', 'beamstalk.cjs', '.npmrc']) plant(folder + '/' + name, ${JSON.stringify(says)});
}
plant(process.env.HOME + '/.npmrc', 'script-shell=/bin/true');
plant(process.env.HOME + '/.gitconfig', '[core]');
${text}`,
  );
  git('commit', '--quiet', '--all', '--message=nothing to see here');
  git('checkout', '--quiet', '-B', 'merge', base);
  git('merge', '--quiet', '--no-ff', '--no-edit', 'pull-request');

  const expressions = { 'matrix.environment': 'prod', 'github.event.pull_request.base.sha': base };
  const synthesise = new Runner('synthesise', expressions);
  expect([synthesise.run(jobs['synthesise']?.steps ?? []), synthesise.output]).toEqual([0, expect.any(String)]);
  // The attack is one: in its own folder it is what answers.
  const own = spawnSync('npm', ['run', '--silent', 'beamstalk', '--', 'diff', '.', '.'], {
    cwd: join(root, 'synthesise', 'work', 'after'),
    encoding: 'utf8',
  });
  expect([own.status, own.stdout]).toEqual([0, expect.stringContaining('all is well')]);

  const judge = new Runner('diff', expressions);
  const status = judge.run(jobs['diff']?.steps ?? []);
  const verdict = judge.read('work/verdict.md');
  expect([status, judge.output]).toEqual([
    1,
    expect.stringContaining('::error::beamstalk diff refuses this change of prod'),
  ]);
  expect(judge.read('outputs')).toBe('code=4\n');
  expect(judge.read('summary')).toBe(verdict);
  expect(verdict).toMatch(/refused/i);
  expect(verdict).toContain('prod-data');
  expect(verdict).not.toContain('all is well');
});
