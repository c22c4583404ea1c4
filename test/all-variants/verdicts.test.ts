import { expect, test } from 'vitest';
import type { RetirablePart } from '../../lib/architecture/architecture';
import { PHASES } from '../../lib/architecture/phases';
import type { ClimbState } from '../../lib/climb/gate-rules';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { verdictOf } from '../../lib/verdict/verdict';
import type { Verdict } from '../../lib/verdict/verdict-schema';
import { synthesise } from '../cdk-context';
import { ENVIRONMENTS } from '../variants';
import { described } from '../verdict/described';

type State = ClimbState & { readonly phase: PhaseNumber };

/** Every phase, and every climb that moves something while it expands. Later phases add theirs by themselves. */
const STATES: readonly State[] = PHASES.flatMap(({ number, moves }) => [
  ...(moves === undefined ? [] : [{ phase: number, from: number - 1 }]),
  { phase: number },
]);

const known = new Map<string, Verdict>();

const WORDS = { safe: 'safe', 'needs-migration': 'migrate', refused: 'refused' } as const;

// One after the other, so that a slow machine stays within the time of one test; the last puts them together.
test.each(ENVIRONMENTS)('all pairs of states of %s', { timeout: 120_000 }, (environment) => {
  const pairs = (STATES.length * (STATES.length - 1)) / 2;
  expect(tableOf(environment).filter((line) => line.includes(' -> '))).toHaveLength(pairs);
});

test('all of it is judged as the table says', { timeout: 60_000 }, async () => {
  const text = [
    '# Every step between two states of an environment, judged. Rows: before, columns: after. `2+1` is phase 2 while',
    '# the climb from 1 expands. Written by test/all-variants/verdicts.test.ts (`npm run test:variants -- -u`); the diff',
    '# is the review.',
    ...ENVIRONMENTS.flatMap(tableOf),
  ].join('\n');
  await expect(`${text}\n`).toMatchFileSnapshot('verdicts.txt');
});

test('no climb of one phase is refused, and none that is expanded needs a migration', { timeout: 120_000 }, () => {
  for (const environment of ENVIRONMENTS) {
    for (const { number, moves } of PHASES.slice(1)) {
      const [below, direct] = [{ phase: number - 1 } as State, { phase: number }];
      const wanted = moves === undefined ? 'safe' : 'needs-migration';
      expect([environment, number, judged(environment, below, direct).verdict]).toEqual([environment, number, wanted]);
      if (moves === undefined) continue;
      const expanded = { phase: number, from: number - 1 };
      expect(judged(environment, below, expanded).verdict).toBe('safe');
      expect(judged(environment, expanded, direct).verdict).toBe('needs-migration');
    }
  }
});

test('what a climb retires is found under its part, and nothing else is removed by contracting', () => {
  for (const { number, moves, retires } of PHASES.slice(1)) {
    if (moves === undefined) continue;
    const { changes } = judged('prod', { phase: number, from: number - 1 }, { phase: number });
    const removed = changes.filter(({ change, holdsData }) => change === 'removes' && holdsData);
    expect(removed.every(({ verdict }) => verdict === 'needs-migration')).toBe(true);
    expect(retires satisfies readonly RetirablePart[]).not.toEqual([]);
    expect(changes.filter(({ change }) => change === 'removes')).not.toEqual([]);
  }
});

function judged(environment: string, before: State, after: State): Verdict {
  const key = JSON.stringify([environment, before, after]);
  const verdict =
    known.get(key) ?? verdictOf(at(environment, before), at(environment, after), climb(environment, before, after));
  known.set(key, verdict);
  return verdict;
}

function climb(environment: string, before: State, after: State) {
  return { environment, before, after, phases: PHASES };
}

function at(environment: string, { phase, from }: State) {
  return synthesise(environment, phase, from === undefined ? {} : { from });
}

function tableOf(environment: string): string[] {
  const names = STATES.map(nameOf);
  const rows = STATES.map((before) => [
    nameOf(before),
    ...STATES.map((after) => (before === after ? '-' : WORDS[judged(environment, before, after).verdict])),
  ]);
  const reasons = STATES.flatMap((before, index) =>
    STATES.slice(index + 1).flatMap((after) =>
      described(`${nameOf(before)} -> ${nameOf(after)}`, judged(environment, before, after)),
    ),
  );
  return ['', `## ${environment}`, ...aligned([['', ...names], ...rows]), '', ...reasons];
}

function nameOf({ phase, from }: State): string {
  return from === undefined ? String(phase) : `${phase}+${from}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  return rows.map(([head = '', ...cells]) =>
    `${head.padEnd(5)}${cells.map((cell) => cell.padEnd(9)).join('')}`.trimEnd(),
  );
}
