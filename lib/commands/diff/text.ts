import type { Verdict } from '../../verdict/verdict-schema';
import { acceptedLines, exceptAccepted, notAccepted } from './accepted';
import { DONE, type Line, linesOf } from './change-lines';
import { dataGroups } from './data-groups';
import { grouped } from './grouped';
import { interruptionLines } from './interruption-lines';
import { noteLines } from './note-lines';
import { securityLines } from './security-lines';
import { SENTENCES } from './sentences';
import { wrap } from './wrap';

/** Kinds of what is new in a stack that are told by their names; `--all` tells every resource. */
const MOST_KINDS = 3;

type Paint = (style: keyof typeof STYLES, text: string) => string;

// Source: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/ (select graphic rendition)
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

const COLOURS: Readonly<Record<Line['change'], keyof typeof STYLES>> = {
  adds: 'green',
  updates: 'dim',
  restarts: 'yellow',
  replaces: 'red',
  removes: 'red',
};

export interface TextProps {
  readonly colour: boolean;
  /** True to describe unchanged parts too. */
  readonly all: boolean;
}

/** Renders a verdict for people, in lines of at most 80 characters; only an address of a page may be longer. */
export function text(headline: string, verdict: Verdict, { colour, all }: TextProps): string {
  const paint: Paint = (style, words) => (colour ? `\u001b[${STYLES[style]}m${words}\u001b[0m` : words);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines];
  const lines = [
    ...wrap(headline, 0).map((line) => paint('bold', line)),
    ...judgement(verdict, paint),
    ...section('Accepted by the configuration', accepted(verdict, paint)),
    ...section('What changes, in the order of deployment', changes(verdict, all, paint)),
    ...section('What holds data, and what guards it', data(verdict, all, paint)),
    ...section('Who may do what, and who reaches whom', security(verdict, all, paint)),
    ...section('What users notice', noticed(verdict, all)),
    ...section('Order of deployment', order(verdict, all)),
    ...section('Worth knowing', notes(verdict, all)),
  ];
  return `${lines.join('\n')}\n`;
}

function changes({ changes: each, summary, order }: Verdict, all: boolean, paint: Paint): string[] {
  const total = Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([change, count]) => `${count} ${DONE[change as keyof typeof DONE]}`);
  const stacks = order.map(({ stack }) => stack).filter((stack) => each.some((one) => one.stack === stack));
  const others = each.map(({ stack }) => stack).filter((stack) => !stacks.includes(stack));
  if (total.length === 0) return [];
  return [
    `  ${total.join(', ')}`,
    ...[...stacks, ...new Set(others)].flatMap((stack) => [
      `  ${stack}`,
      ...linesOf(
        each.filter((one) => one.stack === stack),
        { all, mostKinds: MOST_KINDS },
      ).flatMap((line) => {
        const [value, ...more] = line.values ?? [];
        const beside = more.length === 0 && value !== undefined && value.length + line.what.length < 60;
        const what = beside ? `${line.what}: ${value}` : line.what;
        const words = line.why === undefined ? what : `${what} (${line.why})`;
        return [
          ...row(line.done, 9, words, 4, (done) => paint(COLOURS[line.change], done)),
          ...(beside ? [] : (line.values ?? [])).flatMap((one) => wrap(one, 17)),
        ];
      }),
    ]),
  ];
}

function data({ data: stores }: Verdict, all: boolean, paint: Paint): string[] {
  const groups = dataGroups(stores.filter(({ change }) => all || change !== 'unchanged'));
  // Stores that are guarded alike, whatever happens to them, stand over their guards.
  return grouped(groups, ({ guards }) => guards).flatMap((alike) => [
    ...alike.flatMap(({ what, change }) => wrap(change === 'unchanged' ? what : `${what}, ${change}`, 2)),
    ...wrap(alike[0].guards, 6).map((line) => paint('dim', line)),
  ]);
}

function security(verdict: Verdict, all: boolean, paint: Paint): string[] {
  return securityLines(verdict, all).flatMap(({ direction, what }) =>
    row(direction, 6, what, 2, (word) => paint(direction === 'opened' ? 'yellow' : 'green', word)),
  );
}

function noticed({ interruptions }: Verdict, all: boolean): string[] {
  return interruptionLines(interruptions, all).flatMap(({ name, id, what, because }) =>
    wrap(`${name}${id === '' ? '' : ` ${id}`}: ${what} (${because})`, 2),
  );
}

function order({ order: every }: Verdict, all: boolean): string[] {
  const steps = every.filter(({ action }) => all || action !== 'leaves alone');
  if (steps.length < 2) return [];
  if (!all) {
    // Stacks stand in this order under what changes already.
    if (steps.every(({ action }) => action !== 'stays')) return [];
    const marks: Partial<Record<string, string>> = { creates: ' (new)', stays: ' (stays until `cdk destroy`)' };
    return wrap(steps.map(({ stack, action }) => `${stack}${marks[action] ?? ''}`).join(', '), 2);
  }
  const width = Math.max(...steps.map(({ stack }) => stack.length));
  return steps.map(({ stack, action }, index) => {
    const says = action === 'stays' ? 'stays until `cdk destroy`: it is no longer in the app' : action;
    return `  ${String(index + 1).padStart(String(steps.length).length)}  ${stack.padEnd(width)}  ${says}`;
  });
}

function notes({ findings }: Verdict, all: boolean): string[] {
  return noteLines(notAccepted(findings), all).flatMap(({ rule, stack, id, message, source }) => [
    ...wrap(`${id === undefined ? message : `${stack}/${id}: ${message}`} [${rule}]`, 2),
    ...see(source, 6),
  ]);
}

function accepted(verdict: Verdict, paint: Paint): string[] {
  return acceptedLines(verdict).flatMap(({ status, what, why }) => [
    ...row(status, 8, what, 2, (word) =>
      paint(status === 'void' ? 'red' : status === 'spent' ? 'dim' : 'yellow', word),
    ),
    ...wrap(why, 12),
  ]);
}

/** Says where to read more; an address stays whole, so that a terminal can open it. */
function see(source: string | undefined, indent: number): string[] {
  return source === undefined ? [] : [`${' '.repeat(indent)}${source}`];
}

function judgement({ verdict, findings, summary, accepted }: Verdict, paint: Paint): string[] {
  const { word, means } = SENTENCES[verdict];
  const colours = { safe: 'green', 'needs-migration': 'yellow', refused: 'red' } as const;
  const decisive = findings.filter(({ severity }) => severity !== 'note');
  const nothing = Object.values(summary).every((count) => count === 0) && decisive.length === 0;
  return [
    `  ${paint(colours[verdict], word)}`,
    ...wrap(nothing ? 'No resource changes.' : `${means}${exceptAccepted(accepted)}`, 2),
    ...decisive.flatMap(({ severity, rule, stack, id, message, remedy, source }, index) => [
      ...row(
        severity === 'refused' ? 'refused' : 'migrate',
        7,
        `${id === undefined ? '' : `${stack}/${id}: `}${message} [${rule}]`,
        2,
        (one) => paint(colours[severity === 'refused' ? 'refused' : 'needs-migration'], one),
      ),
      // A remedy that serves several is told after the last of them.
      ...(remedy === undefined || remedy === decisive[index + 1]?.remedy ? [] : wrap(`instead: ${remedy}`, 11)),
      ...(source === decisive[index + 1]?.source ? [] : see(source, 11)),
    ]),
  ];
}

/** A word in a column of its own, and what it is about beside it. */
function row(word: string, width: number, words: string, indent: number, paint: (word: string) => string): string[] {
  const [first = '', ...rest] = wrap(words, indent + width + 2);
  const padded = `${paint(word)}${' '.repeat(Math.max(0, width - word.length))}`;
  return [`${' '.repeat(indent)}${padded}  ${first.trimStart()}`, ...rest];
}
