// Measures, in one run on one machine, what a user waits for: the real `cdk synth` of the last phase of prod against
// that of an empty app in the same toolchain (same CLI, library, flags, bundler and validation), and `npm test`.
// Misses of a target end it with exit code 1.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { PHASES } from '../lib/architecture/phases';

/** `cdk synth` over that of an empty app, median of pairs. */
const TARGET_RATIO = 1.5;
const TARGET_TEST_SECONDS = 60;
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
  const fast = ratio <= TARGET_RATIO;
  console.log(`cdk synth, prod at phase ${phase}, median: ${format(median(pairs.map((pair) => pair.ours)))} s`);
  console.log(`cdk synth, an empty app, median: ${format(median(pairs.map((pair) => pair.theirs)))} s`);
  console.log(`${verdict(fast)}: ratio ${format(ratio)}, target ${TARGET_RATIO} at most`);

  const tests = seconds(root, 'npm', ['test']);
  const quick = tests <= TARGET_TEST_SECONDS;
  console.log(`${verdict(quick)}: npm test ${format(tests)} s, target ${TARGET_TEST_SECONDS} s at most`);
  return fast && quick;
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
