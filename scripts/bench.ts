// Measures, in one run on one machine, what a user waits for: the real `cdk synth` of the last phase of prod against
// that of an empty app in the same toolchain (same CLI, library, flags, bundler and validation), `beamstalk diff` of
// two phases against that synth, and `npm test`. A target that is missed is said; missed by more than a third, which is
// more than the noise of a shared machine, it ends the run with exit code 1.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { PHASES } from '../lib/architecture/phases';

/** `cdk synth` over that of an empty app, median of pairs. */
const TARGET_RATIO = 1.5;
/** `beamstalk diff` of the last two phases over `cdk synth` of the last, medians. */
const TARGET_DIFF_RATIO = 2.2;
const TARGET_TEST_SECONDS = 60;
const TOLERANCE = 4 / 3;
const PAIRS = 5;

const root = join(import.meta.dirname, '..');
mkdirSync(join(root, '.cache'), { recursive: true });
const folder = mkdtempSync(join(root, '.cache', 'bench-'));
try {
  process.exitCode = bench() ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function bench(): boolean {
  const phase = PHASES.length - 1;
  const empty = emptyApp();
  const synth = (cwd: string, ...context: string[]): number => {
    const program = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    return seconds(cwd, process.execPath, [program, 'synth', '--quiet', '--output', join(folder, 'out'), ...context]);
  };
  const ours = (): number => synth(root, '--context', 'env=prod', '--context', `phase=${phase}`);
  const theirs = (): number => synth(empty);

  console.log(
    `${cpus().length} cores, Node.js ${process.version}; one warm-up, then ${PAIRS} pairs, one after the other`,
  );
  ours();
  theirs();
  const pairs = Array.from({ length: PAIRS }, () => ({ ours: ours(), theirs: theirs() }));
  for (const pair of pairs) console.log(`  ${format(pair.ours)} s and ${format(pair.theirs)} s`);
  const ratio = median(pairs.map((pair) => pair.ours / pair.theirs));
  console.log(`cdk synth, prod at phase ${phase}, median: ${format(median(pairs.map((pair) => pair.ours)))} s`);
  console.log(`cdk synth, an empty app, median: ${format(median(pairs.map((pair) => pair.theirs)))} s`);
  const diffs = Array.from({ length: PAIRS }, () =>
    seconds(root, process.execPath, [
      '.build/beamstalk.cjs',
      'diff',
      String(phase - 1),
      String(phase),
      '--env',
      'prod',
    ]),
  );
  const diffRatio = median(diffs) / median(pairs.map((pair) => pair.ours));
  console.log(`beamstalk diff ${phase - 1} ${phase}, median: ${format(median(diffs))} s`);

  const tests = seconds(root, 'npm', ['test']);
  const results: readonly (readonly [string, number, number])[] = [
    ['cdk synth over an empty app', ratio, TARGET_RATIO],
    ['beamstalk diff over cdk synth', diffRatio, TARGET_DIFF_RATIO],
    ['npm test, seconds', tests, TARGET_TEST_SECONDS],
  ];
  for (const [what, value, target] of results) {
    console.log(`${verdict(value <= target)}: ${what} ${format(value)}, target ${target} at most`);
  }
  return results.every(([, value, target]) => value <= target * TOLERANCE);
}

/** The fixture, with this project's cdk.json and bundler, in a folder from which the packages are found. */
function emptyApp(): string {
  const app = join(folder, 'empty-app');
  cpSync(join(root, 'scripts', 'bench', 'empty-app'), app, { recursive: true });
  for (const part of ['cdk.json', 'scripts/build.mjs', 'tsconfig.json']) cpSync(join(root, part), join(app, part));
  return app;
}

function seconds(cwd: string, program: string, args: readonly string[]): number {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  const elapsed = (performance.now() - start) / 1000;
  if (status !== 0) {
    const end = `${stdout}${stderr}`.trimEnd().split('\n').slice(-20).join('\n');
    throw new Error(`${program} ${args.join(' ')} failed:\n${end}`);
  }
  return elapsed;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function format(value: number): string {
  return value.toFixed(2);
}

function verdict(met: boolean): string {
  return met ? 'met' : 'MISSED';
}
