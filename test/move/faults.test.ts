import { expect, test } from 'vitest';
import type { FaultName } from './faults';
import { runWithFault } from './runs';

/** A few runs of those that `npm run moves:faults` makes, quick ones and of several kinds; the seed repeats each. */
const RUNS: readonly (readonly [FaultName, number])[] = [
  ['moverKilled', 3],
  ['moverKilled', 4],
  ['serverKilled', 10],
  ['begunAnew', 3],
];

test.each(RUNS)('%s, seed %i', async (fault, seed) => {
  const said: string[] = [];
  const run = await runWithFault({ seed, rows: 5000, fault, log: (line) => said.push(line) });
  const note = run.closed ? '; nobody could write until the next command' : '';
  console.log(`${run.title}: ${run.commits} commits, worst client ${Math.round(run.worstWriter)} ms${note}`);
  expect(run.problems, said.join('\n')).toEqual([]);
  expect(run.commits).toBeGreaterThan(100);
});
