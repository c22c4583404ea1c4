import { markdown } from '../../lib/commands/diff/markdown';
import { refactoringAsMarkdown, refactoringAsText } from '../../lib/commands/diff/refactor';
import { text } from '../../lib/commands/diff/text';
import type { Verdict } from '../../lib/verdict/verdict-schema';

/** Signs of a broken sentence: a value that is none, nothing where something is promised, one of several. */
const BROKEN = [
  /\bundefined\b/,
  /\[object \w+\]/,
  /\bNaN\b/,
  /\bbecause of (?=[.,;:)\]]|$)/,
  /\bbecause: ?(?=[.,;)\]]|$)/,
  /\(\s*\)/,
  /(^|[\s(])[,;:](?=\s|$)/,
  /\bnull\b/,
  // `1 days`, `1 permissions`; what follows a number may be what one does.
  /(?<![\w.,:/${}-])1 (?!(carries|goes|has|is|leaves|was)\b)[a-z]{2,}(?<!s)s\b/,
];

/** Signs that no output may have, values of templates included. */
const NEVER = /\bundefined\b|\[object \w+\]|\bNaN\b/;

/** All words for people in a verdict. Values of templates are not ours to judge. */
function wordsIn({ findings, interruptions, security, data, changes }: Verdict): string[] {
  return [
    ...findings.flatMap(({ message, remedy = '-' }) => [message, remedy]),
    ...interruptions.flatMap(({ name, what, because }) => [name, what, because]),
    ...security.flatMap(({ subject, what }) => [subject, what]),
    ...data.flatMap(({ name, holds, guards }) => [name, holds, ...guards]),
    ...changes.flatMap(({ name, effects }) => [name, ...effects.map(({ why = '-' }) => why)]),
  ];
}

/** The words of a verdict that are broken, in every form in which it is printed. */
export function brokenWords(verdict: Verdict): string[] {
  const shown = [
    text('x', verdict, { colour: false, all: true }),
    text('x', verdict, { colour: false, all: false }),
    refactoringAsText(verdict),
  ];
  const others = [markdown('x', verdict), refactoringAsMarkdown(verdict), JSON.stringify(verdict, null, 1)];
  const lines = [...shown, ...others].flatMap((one) => one.split('\n'));
  // Counts are made where a verdict is rendered.
  const counts = shown
    .flatMap((one) => one.split('\n'))
    .filter((line) => BROKEN.at(-1)?.test(line) && !/["'=]/.test(line));
  const words = wordsIn(verdict).flatMap((word) => {
    const broken = word.trim() === '' ? 'nothing' : BROKEN.find((pattern) => pattern.test(word));
    return broken === undefined ? [] : [`${broken} in: ${word}`];
  });
  return [...words, ...lines.filter((line) => NEVER.test(line)), ...counts];
}
