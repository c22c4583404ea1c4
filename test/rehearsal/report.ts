import { PHASES } from '../../lib/architecture/phases';
import type { Options } from './arguments';
import type { Evidence } from './evidence';
import { GAPS, type Gap } from './gaps';

/** What came of one phase. */
export interface PhaseReport {
  /** Of the phase, and of the one it expands from. */
  readonly name: string;
  /** For deploying and for reading back. */
  readonly seconds: readonly number[];
  readonly stacks: number;
  readonly resources: number;
  /** Resources that the engine accepted and did not make. */
  readonly phantoms: number;
  readonly evidence: Evidence;
}

type Say = (line: string) => void;

export function reportPhase({ seconds, resources, phantoms, evidence }: PhaseReport, say: Say): void {
  const [deploying, reading] = seconds.map((value) => value.toFixed(1));
  const { passed, failures } = evidence;
  say(
    `  deployed in ${deploying} s, read back in ${reading} s: ${resources} resources, ${phantoms} of them phantoms; ${passed} checks passed, ${failures.length} failed`,
  );
  for (const failure of failures) say(`  FAILED ${failure}`);
}

/** Says which gaps were met. @returns the failures: gaps that nothing showed, after a run that would have shown all. */
export function reportGaps(all: readonly Evidence[], options: Options, say: Say): string[] {
  const met = new Set(all.flatMap((evidence) => [...evidence.gaps]));
  say(`Known gaps of the engine that were met, none of which counts as passed (test/rehearsal/gaps.ts):`);
  for (const gap of met) say(`  ${gap}: ${GAPS[gap]}`);
  const complete = options.environment === 'prod' && options.from === 0 && options.to === PHASES.length - 1;
  if (!complete || Object.keys(options.context).length > 0) return [];
  const unseen = (Object.keys(GAPS) as Gap[]).filter((gap) => !met.has(gap));
  return unseen.map((gap) => `no check met the gap "${gap}": remove it from test/rehearsal/gaps.ts`);
}

/** A table for people, one line for each phase. */
export function summary(phases: readonly PhaseReport[]): string {
  const rows = phases.map(({ name, seconds, stacks, resources, phantoms, evidence }) => [
    name,
    seconds.reduce((sum, value) => sum + value, 0).toFixed(1),
    String(stacks),
    String(resources),
    String(phantoms),
    String(evidence.passed),
    String(evidence.failures.length),
  ]);
  const table = [['phase', 'seconds', 'stacks', 'resources', 'phantoms', 'passed', 'failed'], ...rows];
  return table.map((cells) => cells.map((cell) => cell.padStart(10)).join(' ')).join('\n');
}
