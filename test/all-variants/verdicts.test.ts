import { expect, test } from 'vitest';
import type { RetirablePart } from '../../lib/architecture/architecture';
import { PHASES } from '../../lib/architecture/phases';
import type { ClimbState } from '../../lib/climb/gate-rules';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { verdictOf } from '../../lib/verdict/verdict';
import type { Verdict } from '../../lib/verdict/verdict-schema';
import { type Synthesised, synthesisOf } from '../cdk-context';
import { ENVIRONMENTS, ROUTES, type Route } from '../variants';
import { described } from '../verdict/described';
import { violations } from '../violations';

type State = ClimbState & { readonly phase: PhaseNumber };

/** Every phase, and every climb that moves something while it expands. Later phases add theirs by themselves. */
const STATES: readonly State[] = PHASES.flatMap(({ number, moves }) => [
  ...(moves === undefined ? [] : [{ phase: number, from: number - 1 }]),
  { phase: number },
]);

const known = new Map<string, Verdict>();

/** All that has been judged. */
const made = new Set<Synthesised>();

const PLAIN: readonly Route[] = ENVIRONMENTS.map((environment) => ({
  name: environment,
  environment,
  settings: {},
  since: 1,
}));

const WORDS = { safe: 'safe', 'needs-migration': 'migrate', refused: 'refused' } as const;

// One after the other, so that a slow machine stays within the time of one test; the last puts them together, so it
// stands last.
test.each(PLAIN)('all pairs of states of $name', { timeout: 120_000 }, (route) => {
  const pairs = (STATES.length * (STATES.length - 1)) / 2;
  expect(tableOf(route).filter((line) => line.includes(' -> '))).toHaveLength(pairs);
});

test.each([...PLAIN, ...ROUTES])(
  'no climb of one phase is refused, and none that is expanded needs a migration: $name',
  {
    timeout: 120_000,
  },
  (route) => {
    for (const { number, moves } of PHASES.slice(route.since)) {
      const [below, direct] = [{ phase: number - 1 } as State, { phase: number }];
      const wanted = moves === undefined ? 'safe' : 'needs-migration';
      expect([number, judged(route, below, direct).verdict]).toEqual([number, wanted]);
      if (moves === undefined) continue;
      const expanded = { phase: number, from: number - 1 };
      expect([expanded, judged(route, below, expanded).verdict]).toEqual([expanded, 'safe']);
      expect([expanded, judged(route, expanded, direct).verdict]).toEqual([expanded, 'needs-migration']);
    }
  },
);

test('what a climb retires is found under its part, and nothing else is removed by contracting', () => {
  const prod = PLAIN.find(({ name }) => name === 'prod');
  if (prod === undefined) throw new Error('there is no production');
  for (const { number, moves, retires } of PHASES.slice(1)) {
    if (moves === undefined) continue;
    const { changes } = judged(prod, { phase: number, from: number - 1 }, { phase: number });
    const removed = changes.filter(({ change, holdsData }) => change === 'removes' && holdsData);
    expect(removed.every(({ verdict }) => verdict === 'needs-migration')).toBe(true);
    expect(retires satisfies readonly RetirablePart[]).not.toEqual([]);
    expect(changes.filter(({ change }) => change === 'removes')).not.toEqual([]);
  }
});

test('the validator refuses no template on any way', { timeout: 240_000 }, () => {
  expect(made.size).toBeGreaterThan(STATES.length * PLAIN.length);
  expect(violations([...made])).toEqual([]);
});

test('the validator refuses a replica that says how it is encrypted', () => {
  const Properties = { SourceDBInstanceIdentifier: 'a', StorageEncrypted: true, DBInstanceClass: 'db.t4g.micro' };
  const templates = { bad: { Resources: { Replica: { Type: 'AWS::RDS::DBInstance', Properties } } } };
  const found = violations([{ templates, regions: { bad: 'us-east-1' } }]);
  expect(found).toEqual([expect.stringContaining('F3020 at bad/Replica: ')]);
});

// One after the other for the same reason.
test.each(ROUTES)('all pairs of states of $name', { timeout: 120_000 }, (route) => {
  expect(climbsOf(route).filter((line) => line.includes(' -> '))).not.toEqual([]);
});

test('all of it is judged as the table says', { timeout: 60_000 }, async () => {
  const text = [
    '# Every step between two states of an environment, judged. Rows: before, columns: after. `2+1` is phase 2 while',
    '# the climb from 1 expands. Written by test/all-variants/verdicts.test.ts (`npm run test:variants -- -u`); the diff',
    '# is the review.',
    ...PLAIN.flatMap(tableOf),
    ...ROUTES.flatMap(climbsOf),
  ].join('\n');
  await expect(`${text}\n`).toMatchFileSnapshot('verdicts.txt');
});

function judged(route: Route, before: State, after: State): Verdict {
  const key = JSON.stringify([route.name, before, after]);
  const verdict =
    known.get(key) ?? verdictOf(at(route, before), at(route, after), climb(route.environment, before, after));
  known.set(key, verdict);
  return verdict;
}

function climb(environment: string, before: State, after: State) {
  return { environment, before, after, phases: PHASES };
}

function at({ environment, settings }: Route, { phase, from }: State): Synthesised['templates'] {
  const one = synthesisOf(environment, phase, { ...settings, ...(from !== undefined && { from }) });
  made.add(one);
  return one.templates;
}

/** All pairs of states in short, and the climbs by one phase, which users of these settings take, with their reasons. */
function climbsOf(route: Route): string[] {
  const steps = PHASES.slice(route.since).flatMap(({ number, moves }): (readonly [State, State])[] => {
    const [below, direct] = [{ phase: number - 1 } as State, { phase: number }];
    const expanded = { phase: number, from: number - 1 };
    return moves === undefined
      ? [[below, direct]]
      : [
          [below, expanded],
          [expanded, direct],
          [below, direct],
        ];
  });
  const lines = steps.flatMap(([before, after]) =>
    described(`${nameOf(before)} -> ${nameOf(after)}`, judged(route, before, after)),
  );
  const states = STATES.filter(({ phase, from = phase }) => from >= route.since - 1);
  return ['', `## ${route.name}`, ...matrixOf(route, states), '', ...lines];
}

/** Rows: the state before; columns: the state after. */
function matrixOf(route: Route, states: readonly State[]): string[] {
  const rows = states.map((before) => [
    nameOf(before),
    ...states.map((after) => (before === after ? '-' : WORDS[judged(route, before, after).verdict])),
  ]);
  return aligned([['', ...states.map(nameOf)], ...rows]);
}

function tableOf(route: Route): string[] {
  const reasons = STATES.flatMap((before, index) =>
    STATES.slice(index + 1).flatMap((after) =>
      described(`${nameOf(before)} -> ${nameOf(after)}`, judged(route, before, after)),
    ),
  );
  return ['', `## ${route.name}`, ...matrixOf(route, STATES), '', ...reasons];
}

function nameOf({ phase, from }: State): string {
  return from === undefined ? String(phase) : `${phase}+${from}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  return rows.map(([head = '', ...cells]) =>
    `${head.padEnd(5)}${cells.map((cell) => cell.padEnd(9)).join('')}`.trimEnd(),
  );
}
