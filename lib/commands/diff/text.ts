import type { Verdict } from '../../verdict/verdict-schema';
import { DONE, dataGroups, type Line, linesOf, SENTENCES, securityLines } from './summary';

const WIDTH = 80;

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

/** Renders a verdict for people, in lines of at most 80 characters; only an address of a page may be longer. */
export function text(headline: string, verdict: Verdict, colour: boolean): string {
  const paint: Paint = (style, words) => (colour ? `\u001b[${STYLES[style]}m${words}\u001b[0m` : words);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', paint('bold', title), ...lines];
  const lines = [
    ...wrap(headline, 0).map((line) => paint('bold', line)),
    ...section('Verdict', judgement(verdict, paint)),
    ...section('What changes', changes(verdict, paint)),
    ...section('What holds data, and what guards it', data(verdict, paint)),
    ...section('Who may do what, and who reaches whom', security(verdict, paint)),
    ...section('What users notice', noticed(verdict, paint)),
    ...section('Order of deployment', order(verdict)),
    ...section('Worth knowing', notes(verdict)),
  ];
  return `${lines.join('\n')}\n`;
}

function changes({ changes: all, summary }: Verdict, paint: Paint): string[] {
  const total = Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([change, count]) => `${count} ${DONE[change as keyof typeof DONE]}`);
  const stacks = [...new Set(all.map(({ stack }) => stack))];
  return [
    `  ${total.length === 0 ? 'nothing' : total.join(', ')}`,
    ...stacks.flatMap((stack) => [
      `  ${stack}`,
      ...linesOf(all.filter((one) => one.stack === stack)).flatMap((line) => {
        const words = line.why === undefined ? line.what : `${line.what} (${line.why})`;
        return row(line.done, 9, words, 4, (done) => paint(COLOURS[line.change], done));
      }),
    ]),
  ];
}

function data({ data: all }: Verdict, paint: Paint): string[] {
  return dataGroups(all).flatMap(({ what, guards, change }) => [
    ...wrap(change === 'unchanged' ? what : `${what}, ${change}`, 2),
    ...wrap(guards, 6).map((line) => paint('dim', line)),
  ]);
}

function security(verdict: Verdict, paint: Paint): string[] {
  return securityLines(verdict).flatMap(({ direction, what }) =>
    row(direction, 6, what, 2, (word) => paint(direction === 'opened' ? 'yellow' : 'green', word)),
  );
}

function noticed({ interruptions }: Verdict, paint: Paint): string[] {
  if (interruptions.length === 0) return ['  nothing'];
  return interruptions.flatMap(({ name, id, what, because }) => [
    ...wrap(`${name} ${id}: ${what}`, 2),
    ...wrap(`because: ${because}`, 6).map((line) => paint('dim', line)),
  ]);
}

function order({ order: steps }: Verdict): string[] {
  const width = Math.max(...steps.map(({ stack }) => stack.length));
  return steps.map(({ stack, action }, index) => {
    const says = action === 'stays' ? 'stays until `cdk destroy`: it is no longer in the app' : action;
    return `  ${String(index + 1).padStart(String(steps.length).length)}  ${stack.padEnd(width)}  ${says}`;
  });
}

function notes({ findings }: Verdict): string[] {
  return findings
    .filter(({ severity }) => severity === 'note')
    .flatMap(({ rule, stack, id, message, source }) => [
      ...wrap(`${id === undefined ? message : `${stack}/${id}: ${message}`} [${rule}]`, 2),
      ...see(source, 6),
    ]);
}

/** Says where to read more; an address stays whole, so that a terminal can open it. */
function see(source: string | undefined, indent: number): string[] {
  return source === undefined ? [] : [`${' '.repeat(indent)}${source}`];
}

function judgement({ verdict, findings }: Verdict, paint: Paint): string[] {
  const { word, means } = SENTENCES[verdict];
  const colours = { safe: 'green', 'needs-migration': 'yellow', refused: 'red' } as const;
  const decisive = findings.filter(({ severity }) => severity !== 'note');
  return [
    `  ${paint(colours[verdict], word)}`,
    ...wrap(means, 2),
    ...decisive.flatMap(({ severity, rule, stack, id, message, remedy, source }) => [
      ...row(
        severity === 'refused' ? 'refused' : 'migrate',
        7,
        `${id === undefined ? '' : `${stack}/${id}: `}${message} [${rule}]`,
        2,
        (one) => paint(colours[severity === 'refused' ? 'refused' : 'needs-migration'], one),
      ),
      ...(remedy === undefined ? [] : wrap(`instead: ${remedy}`, 11)),
      ...see(source, 11),
    ]),
  ];
}

/** A word in a column of its own, and what it is about beside it. */
function row(word: string, width: number, words: string, indent: number, paint: (word: string) => string): string[] {
  const [first = '', ...rest] = wrap(words, indent + width + 2);
  const padded = `${paint(word)}${' '.repeat(Math.max(0, width - word.length))}`;
  return [`${' '.repeat(indent)}${padded}  ${first.trimStart()}`, ...rest];
}

/** Breaks words into lines of at most 80 characters; what has no space is broken where it must be. */
function wrap(words: string, indent: number): string[] {
  const room = WIDTH - indent;
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(/\s+/).flatMap((one) => pieces(one, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one) => `${' '.repeat(indent)}${one}`);
}

function pieces(word: string, room: number): string[] {
  return word.match(new RegExp(`.{1,${room}}`, 'g')) ?? [''];
}
