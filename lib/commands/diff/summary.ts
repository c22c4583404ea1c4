import { isSmall, shortId } from '../../template/type-names';
import type { Verdict } from '../../verdict/verdict-schema';

type Change = Verdict['changes'][number];

type ValueDifference = NonNullable<Change['effects'][number]['values']>[number];

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

/** The changes of one stack: what matters one by one, the gravest first, the rest counted. */
export function linesOf(changes: readonly Change[]): Line[] {
  const parts = WEIGHTS.map((weight) => {
    const all = changes.filter(({ change }) => change === weight);
    // Changes that decide the verdict are always named.
    const fewSmall = weight !== 'adds' && all.filter(showsValues).length <= MOST_NAMED;
    const counts = (one: Change) =>
      (isSmall(one.type) || isCounted(one, all)) && one.verdict === 'safe' && !(fewSmall && showsValues(one));
    const small = all.filter(counts).map(({ name }) => name);
    return { weight, named: all.filter((one) => !counts(one)).map(lineOf), small };
  });
  return inFewLines(parts.filter(({ named, small }) => named.length + small.length > 0));
}

interface Part {
  readonly weight: Change['change'];
  readonly named: readonly Line[];
  /** Names of what is counted. */
  readonly small: readonly string[];
}

/** Counts of few kinds, of several weights, stand in one line after all that is named. */
function inFewLines(parts: readonly Part[]): Line[] {
  const counted = parts.filter(({ small }) => small.length > 0);
  const together = counted.length > 1 && counted.every(({ small }) => new Set(small).size <= MOST_KINDS);
  const lines = parts.flatMap(({ weight, named, small }) =>
    small.length === 0 || together
      ? named
      : [...named, { done: DONE[weight], change: weight, what: countByName(small) }],
  );
  if (!together) return lines;
  const what = counted.map(({ weight, small }) => `${countByName(small)} ${DONE[weight]}`).join(', ');
  return [...lines, { done: 'also', change: 'updates', what }];
}

/** Kinds of one weight that are counted beside those of another. */
const MOST_KINDS = 2;

/** Small resources of one stack whose values are shown; more than that are counted. */
const MOST_NAMED = 4;

/** Values of one resource that are shown; more than that are counted. */
const MOST_VALUES = 4;

/** Policies and rules of networks: what they come to is told under who may do what. */
const TOLD_ELSEWHERE = /Policy$|SecurityGroup(Ingress|Egress)?$/;

function showsValues({ type, effects }: Change): boolean {
  return !TOLD_ELSEWHERE.test(type) && effects.some(({ values = [] }) => values.length > 0);
}

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

/** `LaunchTemplateData.InstanceType c7i.xlarge -> c7i.4xlarge` */
function arrow({ path, before, after }: ValueDifference): string {
  const entry = path.endsWith('[]');
  if (before === undefined) return `${path} ${entry ? 'with' : 'set to'} ${after}`;
  if (after === undefined) return `${path} ${entry ? 'without' : 'no longer'} ${before}`;
  return `${path.replace(/^LaunchTemplateData\./, '')} ${before} -> ${after}`;
}

/** A text of which only parts could be shown: its name says as much. */
function isLong({ before, after }: ValueDifference): boolean {
  return before !== undefined && after !== undefined && isCut(before) && isCut(after);
}

function isCut(text: string): boolean {
  return / \.\.\.( |$)|^\.\.\. /.test(text);
}

/** Entries of lists are counted when there are several; what is too long to be read is named only. */
function shownValues(values: readonly ValueDifference[]): string[] {
  const entries = grouped(
    values.filter(({ path }) => path.endsWith('[]')),
    ({ path }) => path,
  ).filter((alike) => alike.length > 2);
  const counted = new Set(entries.flat());
  const lines = [
    ...values.filter((one) => !counted.has(one)).map(arrow),
    ...entries.map((alike) => {
      const come = alike.filter(({ before }) => before === undefined).length;
      return `${alike[0].path} ${[`${come} more`, `${alike.length - come} fewer`].filter((part) => !part.startsWith('0')).join(', ')}`;
    }),
  ];
  if (lines.length <= MOST_VALUES) return lines;
  return [...lines.slice(0, MOST_VALUES - 1), `and ${lines.length - MOST_VALUES + 1} more values`];
}

/** `5 published parameters, 1 role`: the most first. */
export function countByName(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
    .map(([name, count]) => `${count} ${count === 1 ? name : plural(name)}`)
    .join(', ');
}

function plural(name: string): string {
  const [head = name, ...rest] = name.split(/ (?=(?:of|in|into|from|to) )/);
  const many = /[^aeiou]y$/.test(head) ? head.replace(/y$/, 'ies') : /(s|x|ch)$/.test(head) ? `${head}es` : `${head}s`;
  return [many, ...rest].join(' ');
}

/** Things that hold data and are guarded alike, together. */
export interface DataGroup {
  readonly what: string;
  readonly guards: string;
  readonly change: string;
}

export function dataGroups(data: Verdict['data']): DataGroup[] {
  const groups = new Map<string, Verdict['data']>();
  for (const one of data) {
    const key = JSON.stringify([one.guards, one.change]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    return [
      {
        what: alike.length === 1 ? `${first.name} ${first.id}` : countByName(alike.map(({ name }) => name)),
        guards: first.guards.length === 0 ? 'nothing guards it' : first.guards.join(', '),
        change: first.change === 'unchanged' ? 'unchanged' : DONE[first.change],
      },
    ];
  });
}

/** Interruptions that read the same, together: `2 read replicas: connections to it end`. */
export function interruptionLines(interruptions: Verdict['interruptions'], all: boolean): Verdict['interruptions'] {
  if (all) return interruptions;
  return grouped(interruptions, ({ stack, name, what, because }) => JSON.stringify([stack, name, what, because])).map(
    ([first, ...others]) =>
      others.length === 0 ? first : { ...first, name: countByName([first, ...others].map(({ name }) => name)), id: '' },
  );
}

/** Notes of one rule about one stack, from the third on, in one line with the first. */
export function noteLines(findings: Verdict['findings'], all: boolean): Verdict['findings'] {
  const notes = findings.filter(({ severity }) => severity === 'note');
  if (all) return notes;
  return grouped(notes, ({ rule, stack = '' }) => `${rule} ${stack}`).flatMap(([first, ...others]) =>
    others.length < 2
      ? [first, ...others]
      : [{ ...first, message: `${first.message}; and ${others.length} others like it (--all lists them)` }],
  );
}

function grouped<T>(items: readonly T[], key: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const known = groups.get(key(item));
    if (known === undefined) groups.set(key(item), [item]);
    else known.push(item);
  }
  return [...groups.values()];
}

/** The verdict in one sentence. */
export const SENTENCES: Readonly<Record<Verdict['verdict'], { readonly word: string; readonly means: string }>> = {
  safe: { word: 'SAFE', means: 'Nothing that holds data is removed, replaced or left with fewer guards.' },
  'needs-migration': { word: 'NEEDS A MIGRATION', means: 'Deployed as it is, it would leave data or traffic behind.' },
  refused: {
    word: 'REFUSED',
    means: 'Deployed as it is, it would lose data, fail half-way, expose something or leave users unanswered.',
  },
};

/** One line about who may do what. */
export interface SecurityLine {
  readonly direction: 'opened' | 'closed';
  readonly what: string;
}

/**
 * Lines about who may do what: what concerns everybody first, then what is opened; what goes together with its owner in
 * one line. Unless all is asked for, what only new resources may do, and whom they let in, is counted: nothing that
 * stands is opened by it.
 */
export function securityLines({ security, changes }: Verdict, all: boolean): SecurityLine[] {
  const places = (wanted: Change['change']) =>
    new Set(changes.filter(({ change }) => change === wanted).map(({ stack, id }) => `${stack}/${shortId(id)}`));
  const [removed, added] = [places('removes'), places('adds')];
  const withOwner = new Map<string, number>();
  const single: Verdict['security'] = [];
  let among = 0;
  let closed = 0;
  for (const one of security) {
    const owner = ownerOf(one);
    if (one.direction === 'closed' && removed.has(owner)) withOwner.set(owner, (withOwner.get(owner) ?? 0) + 1);
    else if (!all && !one.world && (added.has(owner) || concernsOnly(one, added))) among += 1;
    else if (!all && one.direction === 'closed' && !one.what.includes(' may not ')) closed += 1;
    else single.push(one);
  }
  const rank = ({ world, direction }: Verdict['security'][number]) =>
    (world ? 0 : 2) + (direction === 'opened' ? 0 : 1);
  return [
    ...merged(
      single
        .sort((a, b) => rank(a) - rank(b))
        .map(({ direction, what, world }) => ({
          direction,
          what: world && !what.includes('everybody') ? `${what} (everybody)` : what,
        })),
      all,
    ),
    ...(among === 0
      ? []
      : [
          {
            direction: 'opened' as const,
            what: `${among} permissions and network rules of new resources (--all lists them)`,
          },
        ]),
    ...(all
      ? [...withOwner].map(([owner, count]) => ({
          direction: 'closed' as const,
          what: `${owner} goes, with all that it was allowed (${count})`,
        }))
      : closedInAll(closed + [...withOwner.values()].reduce((sum, count) => sum + count, 0))),
  ];
}

function closedInAll(count: number): SecurityLine[] {
  return count === 0
    ? []
    : [{ direction: 'closed', what: `${count} permissions and network rules (--all lists them)` }];
}

/** The resource that is allowed or lets in, as `stack/id`: `Group of another-stack` stands in that one. */
function ownerOf({ stack, subject }: Pick<Verdict['security'][number], 'stack' | 'subject'>): string {
  const [, id = subject, other = stack] = /^(\S+) of (\S+)$/.exec(subject) ?? [];
  return `${other}/${id}`;
}

/** `on A and 2 more`, for more than two resources, or groups that are reached. */
function withFewTargets(what: string): string {
  return what.replace(
    /( on | from | to )([^,]+)((?:, [^,]+){2,}?)( under a condition)?$/,
    (_, word, first, rest, tail = '') => {
      return `${word}${first} and ${String(rest).split(', ').length - 1} more${tail}`;
    },
  );
}

/** `dynamodb:GetItem, dynamodb:PutItem and 8 more`, for more than three actions. */
function withFewActions(what: string): string {
  return what.replace(
    / may (not )?((?:[a-z0-9-]+:[A-Za-z*]+, ){3,}[a-z0-9-]+:[A-Za-z*]+) on /,
    (_, not = '', list: string) => {
      const actions = list.split(', ');
      return ` may ${not}${actions.slice(0, 2).join(', ')} and ${actions.length - 2} more on `;
    },
  );
}

/**
 * Lines that differ only in who may, or only in the role that a service may take on, as one; unless all is asked for,
 * with the first of many actions and without the terms of a condition.
 */
function merged(lines: readonly SecurityLine[], all: boolean): SecurityLine[] {
  const roles = joined(lines, /^(\S+ may sts:AssumeRole on )(\S+)()$/);
  if (all) return roles;
  const short = roles.map((line) => ({
    ...line,
    what: withFewActions(line.what).replace(/ if \{.*\}$/, ' under a condition'),
  }));
  const rules = joined(short, /^(\S+ lets (?:in|out) .+ (?:from|to) )(\S+(?: of \S+)?)()$/);
  return joined(rules, /^()([A-Za-z0-9]+)( may .*)$/).map((line) => ({ ...line, what: withFewTargets(line.what) }));
}

/** Lines that are the same but for the second part of a pattern, as one with all of these parts. */
function joined(lines: readonly SecurityLine[], pattern: RegExp): SecurityLine[] {
  return grouped(lines, ({ direction, what }) => {
    const [, head, , tail] = pattern.exec(what) ?? [];
    return JSON.stringify(head === undefined ? [direction, what] : [direction, head, tail]);
  }).map((alike) => {
    const [first] = alike;
    const [, head, , tail] = pattern.exec(first.what) ?? [];
    if (head === undefined) return first;
    const middles = [...new Set(alike.map(({ what }) => pattern.exec(what)?.[2]))];
    return { ...first, what: `${head}${middles.join(', ')}${tail}` };
  });
}

/** Tells a statement about new resources alone, whoever is named in it: a service that takes on a new role. */
function concernsOnly(
  { stack, kind, subject, what }: Verdict['security'][number],
  added: ReadonlySet<string>,
): boolean {
  if (kind !== 'iam' || !/\.amazonaws\.com$|^iam:root$|^\*$/.test(subject)) return false;
  const [, targets = ''] = / on (.+?)(?: if \{.*)?$/.exec(what) ?? [];
  return targets.split(', ').every((target) => added.has(ownerOf({ stack, subject: target.replace(/\/\*$/, '') })));
}
