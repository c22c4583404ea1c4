import { isDeepStrictEqual } from 'node:util';
import { casesOf } from '../template/assumptions';
import { keyOf } from '../template/references';
import { resolved } from '../template/resolve';
import type { Template, Templates } from '../template/template';
import { WEIGHT } from './changes/propagation';
import { type Finding, gravest, sorted } from './finding';
import type { Sides } from './rule';
import type { Verdict } from './verdict-schema';

/** Verdict on two sets of templates whose conditions are decided, without the parts that all cases share. */
export type Judged = Omit<Verdict, 'version' | 'climb' | 'summary' | 'accepted'>;

const NOTHING: Template = { Resources: {} };

/**
 * Judges two sets of templates in every case that their conditions leave open, and puts together what was found: the
 * gravest of what happens to each resource, and in which case when it is not in all.
 */
export function inEveryCase({ before, after }: Sides, judge: (decided: Sides) => Judged): Judged {
  const stacks = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const cases = new Map(stacks.map((stack) => [stack, casesIn(before[stack], after[stack])]));
  const usual = new Map([...cases].map(([stack, [first]]) => [stack, first]));
  const sides = (chosen: typeof usual): Sides => ({ before: side(before, chosen, 0), after: side(after, chosen, 1) });
  const first = judge(sides(usual));
  const others = [...cases].flatMap(([stack, [, ...rest]]) =>
    rest.map((one) => {
      const chosen = new Map([...usual, [stack, one]]);
      return { says: one.says, judged: judge(sides(chosen)) };
    }),
  );
  const says = [...usual.values()].map((one) => one?.says ?? '').filter((words) => words !== '');
  return others.length === 0 ? first : together([{ says: says.join(' and '), judged: first }, ...others]);
}

/** One case of one stack: both versions as they are then. */
interface Decided {
  readonly says: string;
  readonly pair: readonly [Template | undefined, Template | undefined];
}

function casesIn(before: Template | undefined, after: Template | undefined): readonly [Decided, ...Decided[]] {
  const [was, is] = [before ?? NOTHING, after ?? NOTHING];
  const [first, ...others] = casesOf(was, is).map(({ assumption, says }) => {
    const pair = [before && resolved(before, assumption, is), after && resolved(after, assumption, was)] as const;
    return { says, pair };
  });
  // Cases with equal templates are judged once.
  const different = others.filter(
    (one, index) => ![first, ...others.slice(0, index)].some((other) => isDeepStrictEqual(other?.pair, one.pair)),
  );
  return [first ?? { says: '', pair: [before, after] }, ...different];
}

function side(templates: Templates, chosen: ReadonlyMap<string, Decided | undefined>, index: 0 | 1): Templates {
  const entries = Object.keys(templates).map((stack) => [stack, chosen.get(stack)?.pair[index] ?? NOTHING] as const);
  return Object.fromEntries(entries);
}

interface InOneCase {
  readonly says: string;
  readonly judged: Judged;
}

function together(all: readonly InOneCase[]): Judged {
  const [first] = all;
  if (first === undefined) throw new Error('there is no case');
  const findings = sorted(
    merged(
      all,
      ({ findings: own }) => own,
      (finding, says) => ({ ...finding, message: `${says}: ${finding.message}` }),
    ),
  );
  const unlabelled = <T>(one: T): T => one;
  const changes = new Map<string, Judged['changes'][number]>();
  for (const change of all.flatMap(({ judged }) => judged.changes)) {
    const known = changes.get(keyOf(change));
    if (known === undefined || WEIGHT[change.change] > WEIGHT[known.change]) changes.set(keyOf(change), change);
  }
  const own = ({ stack, id }: { stack: string; id: string }): Finding[] =>
    findings.filter((finding) => finding.stack === stack && finding.id === id);
  return {
    verdict: gravest(findings),
    changes: [...changes.values()].map((change) => ({ ...change, verdict: gravest(own(change)) })),
    findings,
    moves: merged(all, ({ moves }) => moves, unlabelled),
    data: byPlace(merged(all, ({ data }) => data, unlabelled)),
    security: merged(all, ({ security }) => security, unlabelled),
    interruptions: merged(
      all,
      ({ interruptions }) => interruptions,
      (one, says) => ({ ...one, because: `${one.because}, ${says}` }),
    ),
    order: first.judged.order.map((step) => {
      const updates = all.some(({ judged }) =>
        judged.order.some((one) => one.stack === step.stack && one.action === 'updates'),
      );
      return step.action === 'leaves alone' && updates ? { ...step, action: 'updates' as const } : step;
    }),
  };
}

/** Findings of all cases, each once; with its case, when it is not found in all. */
function merged<T>(
  all: readonly InOneCase[],
  of: (judged: Judged) => readonly T[],
  label: (one: T, says: string) => T,
): T[] {
  const cases = new Map<string, { one: T; says: string[] }>();
  for (const { says, judged } of all) {
    for (const one of of(judged)) {
      const key = JSON.stringify(one);
      const known = cases.get(key) ?? { one, says: [] };
      known.says.push(says);
      cases.set(key, known);
    }
  }
  return [...cases.values()].map(({ one, says }) => {
    const [shortest] = [...says].sort((a, b) => a.length - b.length);
    return says.length === all.length || shortest === undefined || shortest === '' ? one : label(one, shortest);
  });
}

/** One line for each thing that holds data: in its gravest case. */
function byPlace(data: Judged['data']): Judged['data'] {
  const places = new Map<string, Judged['data'][number]>();
  const weight = (change: Judged['data'][number]['change']) => (change === 'unchanged' ? -1 : WEIGHT[change]);
  for (const one of data) {
    const known = places.get(keyOf(one));
    if (known === undefined || weight(one.change) > weight(known.change)) places.set(keyOf(one), one);
  }
  return [...places.values()];
}
