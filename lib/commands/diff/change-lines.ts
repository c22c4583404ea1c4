import { isSmall } from '../../template/type-names';
import type { Verdict } from '../../verdict/verdict-schema';
import { countByName, countFewByName, type Rank } from './count-by-name';
import { isLong, shownValues, showsValues, TOLD_ELSEWHERE } from './value-lines';

type Change = Verdict['changes'][number];

/** Words for each kind of change. */
export const DONE: Readonly<Record<Change['change'], string>> = {
  adds: 'added',
  updates: 'in place',
  restarts: 'restarted',
  replaces: 'replaced',
  removes: 'removed',
};

export const WEIGHTS = ['removes', 'replaces', 'restarts', 'updates', 'adds'] as const;

/** One line of a summary: a resource, or a number of small ones. */
export interface Line {
  readonly done: string;
  readonly what: string;
  readonly why?: string;
  /** Values that differ, old and new. */
  readonly values?: readonly string[];
  readonly change: Change['change'];
}

/** Amount that is told of changes. */
export interface Told {
  /** True for every resource one by one. */
  readonly all?: boolean;
  /** Kinds of what is new that are counted by their names; the others are counted together. Left out, all of them. */
  readonly mostKinds?: number;
}

/** The changes of one stack: what matters one by one, the gravest first, the rest counted. */
export function linesOf(changes: readonly Change[], { all: isAll = false, mostKinds = Infinity }: Told = {}): Line[] {
  const parts = WEIGHTS.map((weight): Part => {
    const all = changes.filter(({ change }) => change === weight);
    // Changes that decide the verdict are always named.
    const fewSmall = weight !== 'adds' && all.filter(showsValues).length <= MOST_NAMED;
    const counts = (one: Change) =>
      !isAll && (isSmall(one.type) || isCounted(one, all)) && one.verdict === 'safe' && !(fewSmall && showsValues(one));
    const few = all.filter(counts);
    const small = few.map(({ name }) => name);
    const words = weight === 'adds' ? countFewByName(small, mostKinds, rankAmong(few)) : countByName(small);
    return { weight, named: all.filter((one) => !counts(one)).map(lineOf), small, words };
  });
  return inFewLines(parts.filter(({ named, small }) => named.length + small.length > 0));
}

interface Part {
  readonly weight: Change['change'];
  readonly named: readonly Line[];
  /** Names of what is counted. */
  readonly small: readonly string[];
  /** The same in words. */
  readonly words: string;
}

/** Counts of few kinds, of several weights, stand in one line after all that is named. */
function inFewLines(parts: readonly Part[]): Line[] {
  const counted = parts.filter(({ small }) => small.length > 0);
  const together = counted.length > 1 && counted.every(({ small }) => new Set(small).size <= MOST_KINDS);
  const lines = parts.flatMap(({ weight, named, small, words }) =>
    small.length === 0 || together ? named : [...named, { done: DONE[weight], change: weight, what: words }],
  );
  if (!together) return lines;
  const what = counted.map(({ weight, small }) => `${countByName(small)} ${DONE[weight]}`).join(', ');
  return [...lines, { done: 'also', change: 'updates', what }];
}

/** Kinds that hold data stand first, then those that a summary lists, then those that it counts. */
function rankAmong(changes: readonly Change[]): Rank {
  const ranks = new Map<string, number>();
  for (const { name, type, holdsData } of changes) {
    const rank = holdsData ? 0 : isSmall(type) ? 2 : 1;
    ranks.set(name, Math.min(rank, ranks.get(name) ?? rank));
  }
  return (name) => ranks.get(name) ?? 2;
}

/** Kinds of one weight that are counted beside those of another. */
const MOST_KINDS = 2;

/** Small resources of one stack whose values are shown; more than that are counted. */
const MOST_NAMED = 4;

/** Tells what comes or goes and is counted: what holds no data and decides nothing, and a row of one kind that is new. */
function isCounted({ change, name, holdsData }: Change, all: readonly Change[]): boolean {
  if (change === 'removes') return !holdsData;
  return change === 'adds' && (!holdsData || all.filter((other) => other.name === name).length > 2);
}

function lineOf({ type, name, id, change, effects }: Change): Line {
  const decisive = effects.filter(({ effect }) =>
    change === 'replaces' ? effect === 'replaces' : effect !== 'in place',
  );
  // A replacement that follows from another is not mentioned beside a cause of its own.
  const own = decisive.filter(({ why }) => why?.startsWith('refers to') !== true);
  const shown = own.length > 0 ? own : decisive.length > 0 ? decisive.slice(0, 1) : effects;
  const differing = (effect: Change['effects'][number]) => (effect.values ?? []).filter((one) => !isLong(one));
  const values = TOLD_ELSEWHERE.test(type) ? [] : shownValues(effects.flatMap(differing));
  const told = new Set(effects.filter((effect) => differing(effect).length > 0).map(({ property }) => property));
  const why = shown.flatMap(({ property, why: reason, effect }) => {
    if (reason !== undefined && effect !== 'in place') return [`${property}: ${reason}`];
    return told.has(property) && values.length > 0 ? [] : [property];
  });
  return {
    done: DONE[change],
    change,
    what: `${name} ${id}`,
    ...(why.length > 0 && { why: [...new Set(why)].join('; ') }),
    ...(values.length > 0 && { values }),
  };
}
