import { isSmall, shortId } from '../../template/type-names';
import type { Verdict } from '../../verdict/verdict-schema';

type Change = Verdict['changes'][number];

/** What happens, in the past participle in which it is read. */
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
  readonly change: Change['change'];
}

/** The changes of one stack: what matters one by one, the gravest first, the rest counted. */
export function linesOf(changes: readonly Change[]): Line[] {
  return WEIGHTS.flatMap((weight) => {
    const all = changes.filter(({ change }) => change === weight);
    // What decides the verdict is never too small to be named.
    const counts = (one: Change) => (isSmall(one.type) || isOneOfMany(one, all)) && one.verdict === 'safe';
    const named = all.filter((one) => !counts(one)).map(lineOf);
    const small = all.filter(counts);
    if (small.length === 0) return named;
    const rest = { done: DONE[weight], change: weight, what: countByName(small.map(({ name }) => name)) };
    return [...named, rest];
  });
}

/** What is new in numbers: which ids a row of databases has tells nobody anything. */
function isOneOfMany({ change, name }: Change, all: readonly Change[]): boolean {
  return change === 'adds' && all.filter((other) => other.name === name).length > 2;
}

function lineOf({ name, id, change, effects }: Change): Line {
  const decisive = effects.filter(({ effect }) =>
    change === 'replaces' ? effect === 'replaces' : effect !== 'in place',
  );
  // What follows from another replacement needs no mention beside a cause of its own.
  const own = decisive.filter(({ why }) => why?.startsWith('refers to') !== true);
  const shown = own.length > 0 ? own : decisive.length > 0 ? decisive.slice(0, 1) : effects;
  const why = shown.map(({ property, why: reason, effect }) =>
    reason !== undefined && effect !== 'in place' ? `${property}: ${reason}` : property,
  );
  const line = { done: DONE[change], change, what: `${name} ${id}` };
  return why.length === 0 ? line : { ...line, why: [...new Set(why)].join('; ') };
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
    const key = JSON.stringify([one.stack, one.name, one.guards, one.change]);
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

/** The verdict in one sentence. */
export const SENTENCES: Readonly<Record<Verdict['verdict'], { readonly word: string; readonly means: string }>> = {
  safe: { word: 'SAFE', means: 'Nothing that holds data is removed, replaced or left with fewer guards.' },
  'needs-migration': { word: 'NEEDS A MIGRATION', means: 'Deployed as it stands, it would leave something behind.' },
  refused: {
    word: 'REFUSED',
    means: 'Deployed as it stands, it would lose data, fail half-way, open a door or answer nobody.',
  },
};

/** One line about who may do what. */
export interface SecurityLine {
  readonly direction: 'opened' | 'closed';
  readonly what: string;
}

/** What concerns everybody first, then what is opened; what goes together with its owner in one line. */
export function securityLines({ security, changes }: Verdict): SecurityLine[] {
  const removed = new Set(
    changes.filter(({ change }) => change === 'removes').map(({ stack, id }) => `${stack}/${shortId(id)}`),
  );
  const withOwner = new Map<string, number>();
  const single: Verdict['security'] = [];
  for (const one of security) {
    const owner = `${one.stack}/${one.subject}`;
    if (one.direction === 'closed' && removed.has(owner)) withOwner.set(owner, (withOwner.get(owner) ?? 0) + 1);
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
    ),
    ...[...withOwner].map(([owner, count]) => ({
      direction: 'closed' as const,
      what: `${owner} goes, with all that it was allowed (${count})`,
    })),
  ];
}

/** The roles that one service may take on, in one line. */
function merged(lines: readonly SecurityLine[]): SecurityLine[] {
  const roles = new Map<string, string[]>();
  const keyed = lines.map((line) => {
    const [, head, role] = /^(\S+ may sts:AssumeRole on )(\S+)$/.exec(line.what) ?? [];
    const key = head === undefined ? undefined : `${line.direction} ${head}`;
    if (key !== undefined && role !== undefined) roles.set(key, [...(roles.get(key) ?? []), role]);
    return { line, key, head };
  });
  const told = new Set<string>();
  return keyed.flatMap(({ line, key, head }) => {
    if (key === undefined) return [line];
    if (told.has(key)) return [];
    told.add(key);
    return [{ ...line, what: `${head}${(roles.get(key) ?? []).join(', ')}` }];
  });
}
