// Runs moves with a fault each: `npm run moves:faults -- --seed 1 --runs 30 --rows 20000`. A run is repeated by its seed.
import { Command, InvalidArgumentError } from 'commander';
import { FAULTS, type FaultName } from '../test/move/faults';
import { runWithFault } from '../test/move/runs';

function number(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 on is allowed.');
  return Number(text);
}

function faultName(text: string): FaultName {
  const name = Object.keys(FAULTS).find((one) => one === text);
  if (name === undefined) throw new InvalidArgumentError(`allowed are ${Object.keys(FAULTS).join(', ')}.`);
  return name as FaultName;
}

const options = new Command('move-faults')
  .option('--seed <number>', 'of the first run; each other one has the next', number, 1)
  .option('--runs <number>', 'how many', number, 30)
  .option('--rows <number>', 'of the data set', number, 20_000)
  .option('--fault <kind>', 'instead of one kind after the other', faultName)
  .option('--quiet', 'without what the movers say')
  .parse()
  .opts<{ seed: number; runs: number; rows: number; fault?: FaultName; quiet?: true }>();

let failed = 0;
let closed = 0;
for (let seed = options.seed; seed < options.seed + options.runs; seed++) {
  const began = performance.now();
  const log = options.quiet ? () => undefined : (line: string) => console.log(`    ${line}`);
  const run = await runWithFault({ seed, rows: options.rows, log, ...(options.fault && { fault: options.fault }) });
  const seconds = Math.round((performance.now() - began) / 1000);
  const figures = `${run.commits} commits, worst client ${Math.round(run.worstWriter)} ms, ${seconds} s`;
  const note = run.closed ? ', nobody could write until the next command' : '';
  console.log(`${run.problems.length === 0 ? 'ok   ' : 'FAIL '} ${run.title} (${figures}${note})`);
  for (const problem of run.problems) console.log(`      ${problem}`);
  if (run.problems.length > 0) failed++;
  if (run.closed) closed++;
}
console.log(`${options.runs} runs, ${failed} failed; in ${closed} nobody could write until the next command`);
process.exitCode = failed === 0 ? 0 : 1;
