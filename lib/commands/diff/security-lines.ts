import { shortId } from '../../template/type-names';
import type { Verdict } from '../../verdict/verdict-schema';
import { grouped } from './grouped';

type Change = Verdict['changes'][number];

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
            what: `${rulesOf(among)} of new resources (--all lists them)`,
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
  return count === 0 ? [] : [{ direction: 'closed', what: `${rulesOf(count)} (--all lists them)` }];
}

/** Permissions and network rules, counted: one alone is either. */
function rulesOf(count: number): string {
  return count === 1 ? '1 permission or network rule' : `${count} permissions and network rules`;
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
