import { expect, test } from 'vitest';
import type { RetirablePart } from '../../lib/architecture/architecture';
import { LADDER } from '../../lib/architecture/ladder';
import { PHASES } from '../../lib/architecture/phases';
import type { ClimbState } from '../../lib/climb/gate-rules';
import { verdictOf } from '../../lib/climb/verdict';
import type { Verdict } from '../../lib/climb/verdict-schema';
import { synthesise } from '../cdk-context';
import { ENVIRONMENTS } from '../variants';

type State = ClimbState & { readonly phase: (typeof PHASES)[number]['number'] };

/** Every phase, and every climb that moves something while it expands. Later phases add theirs by themselves. */
const STATES: readonly State[] = PHASES.flatMap(({ number, moves }) => [
  ...(moves === undefined ? [] : [{ phase: number, from: number - 1 }]),
  { phase: number },
]);

const known = new Map<string, Verdict>();

const LAST = PHASES.at(-1)?.number ?? 0;

/** Growth of staging within the last phase: what is set before, and what after. */
const GROWTH: readonly (readonly [string, Record<string, string>, Record<string, string>])[] = [
  ...LADDER.slice(1).map((type, index) => {
    const below = LADDER[index]?.name ?? '';
    return [
      `nodes from ${below} to ${type.name}`,
      { 'app.instanceType': below },
      { 'app.instanceType': type.name },
    ] as const;
  }),
  ['more nodes', {}, { 'app.minNodes': '4', 'app.maxNodes': '8' }],
  ['one to three replicas', {}, { 'database.replicas': '3' }],
  ['three replicas to none', { 'database.replicas': '3' }, { 'database.replicas': '0' }],
  ['a larger database', {}, { 'database.class': 'db.m7g.2xlarge' }],
  ['more cache nodes', {}, { 'cache.replicas': '4' }],
  ['no egress to a NAT instance', { 'network.egress': 'none' }, { 'network.egress': 'instance' }],
  ['a NAT instance to one gateway', { 'network.egress': 'instance' }, { 'network.egress': 'gateway' }],
  ['one to three NAT gateways', gateways(1), gateways(3)],
  ['three NAT gateways to one', gateways(3), gateways(1)],
  ['ALB to NLB', {}, { ingress: 'sockets' }],
  ['NLB to ALB', { ingress: 'sockets' }, {}],
  ['web tier off', {}, { 'web.enabled': 'false' }],
  ['web tier on', { 'web.enabled': 'false' }, {}],
  ['Amazon Linux to Debian', {}, { 'node.image': 'debian-13' }],
  ['a named database', {}, { 'database.name': 'shop' }],
  ['another address range', {}, { 'network.cidr': '10.9.0.0/16' }],
];

function gateways(count: number): Record<string, string> {
  return { 'network.egress': 'gateway', 'network.natGateways': String(count) };
}

const WORDS = { safe: 'safe', 'needs-migration': 'migrate', refused: 'refused' } as const;

// One after the other, so that a slow machine stays within the time of one test; the last puts them together.
test.each(ENVIRONMENTS)('all pairs of states of %s', (environment) => {
  const pairs = (STATES.length * (STATES.length - 1)) / 2;
  expect(tableOf(environment).filter((line) => line.includes(' -> '))).toHaveLength(pairs);
});

test.each(GROWTH)('growth: %s', (name, before, after) => {
  expect(grown(name, before, after).summary).not.toEqual({ adds: 0, updates: 0, restarts: 0, replaces: 0, removes: 0 });
});

test('all of it is judged as the table says', { timeout: 60_000 }, async () => {
  const text = [
    '# Every step between two states of an environment, judged. Rows: before, columns: after. `2+1` is phase 2 while',
    '# the climb from 1 expands. Written by test/climb/verdicts.test.ts (`npx vitest -u`); the diff is the review.',
    ...ENVIRONMENTS.flatMap(tableOf),
    ...growth(),
  ].join('\n');
  await expect(`${text}\n`).toMatchFileSnapshot('verdicts.txt');
});

test('no climb of one phase is refused, and none that is expanded needs a migration', () => {
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

function growth(): string[] {
  const lines = GROWTH.flatMap(([name, before, after]) => described(name, grown(name, before, after)));
  return ['', `## growth of staging at phase ${LAST}`, ...lines];
}

function grown(name: string, before: Record<string, string>, after: Record<string, string>): Verdict {
  const all = { ...before, ...after, ...undo(before, after) };
  const verdict = known.get(name) ?? verdictOf(synthesise('staging', LAST, before), synthesise('staging', LAST, all));
  known.set(name, verdict);
  return verdict;
}

/** What only the side before sets goes back to what the environment says. */
function undo(before: Record<string, string>, after: Record<string, string>): Record<string, string> {
  const standard: Record<string, string> = { ingress: 'http', 'web.enabled': 'true' };
  return Object.fromEntries(
    Object.keys(before)
      .filter((key) => !(key in after))
      .map((key) => [key, standard[key] ?? before[key] ?? '']),
  );
}

function described(title: string, { verdict, summary, findings }: Verdict): string[] {
  const counts = Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([change, count]) => `${change} ${count}`);
  const decisive = findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ rule, stack, id }) => (id === undefined ? rule : `${rule} ${stack?.replace(/^[a-z]+-/, '')}/${id}`));
  return [`${title}: ${verdict}; ${counts.join(', ')}`, ...decisive.map((one) => `    ${one}`)];
}

function nameOf({ phase, from }: State): string {
  return from === undefined ? String(phase) : `${phase}+${from}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  return rows.map(([head = '', ...cells]) =>
    `${head.padEnd(5)}${cells.map((cell) => cell.padEnd(9)).join('')}`.trimEnd(),
  );
}
