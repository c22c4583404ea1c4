import { expect, test } from 'vitest';
import { markdown } from '../../lib/commands/diff/markdown';
import { refactoringAsText } from '../../lib/commands/diff/refactor';
import { text } from '../../lib/commands/diff/text';
import { verdictOf } from '../../lib/verdict/verdict';
import { Random } from './random';
import { RandomTemplates } from './random-templates';

// The diff of templates that nobody wrote. VERDICT_SEED=n or =random takes other templates than the gate, VERDICT_PAIRS=n
// more of them (500 took 93 s, 2026-11-29), VERDICT_PAIR=i the one that failed.

const { VERDICT_SEED = '20261129', VERDICT_PAIRS = '120', VERDICT_PAIR } = process.env;
const SEED = VERDICT_SEED === 'random' ? Date.now() % 1_000_000_007 : Number(VERDICT_SEED);
const TYPES_IN_EACH = 12;

/** Signs of a broken sentence: a value that is none, or nothing where something is promised. */
const BROKEN = [
  /\bundefined\b/,
  /\[object \w+\]/,
  /\bNaN\b/,
  /\bbecause of (?=[.,;:)\]]|$)/,
  /\bbecause: ?(?=[.,;)\]]|$)/,
  /\(\s*\)/,
  /(^|[\s(])[,;:](?=\s|$)/,
  /\bnull\b/,
];

/** All words for people in a verdict. Values of templates are not ours to judge. */
function wordsIn({ findings, interruptions, security, data, changes }: ReturnType<typeof verdictOf>): string[] {
  return [
    ...findings.flatMap(({ message, remedy = '-' }) => [message, remedy]),
    ...interruptions.flatMap(({ name, what, because }) => [name, what, because]),
    ...security.flatMap(({ subject, what }) => [subject, what]),
    ...data.flatMap(({ name, holds, guards }) => [name, holds, ...guards]),
    ...changes.flatMap(({ name, effects }) => [name, ...effects.map(({ why = '-' }) => why)]),
  ];
}

test('is made without a crash or a broken word', { timeout: 3_600_000 }, () => {
  const templates = new RandomTemplates();
  const types = new Random(SEED).shuffled(templates.types);
  const started = Date.now();
  const seen = new Set<string>();
  const failures: string[] = [];
  const pairs = VERDICT_PAIR === undefined ? [...Array(Number(VERDICT_PAIRS)).keys()] : [Number(VERDICT_PAIR)];
  for (const pair of pairs) {
    const chosen = Array.from(
      { length: TYPES_IN_EACH },
      (_, index) => types[(pair * TYPES_IN_EACH + index) % types.length] ?? '',
    );
    const { before, after } = templates.pair(new Random(SEED + pair + 1), chosen);
    for (const type of chosen) seen.add(type);
    const again = `VERDICT_SEED=${SEED} VERDICT_PAIR=${pair}`;
    try {
      const verdict = verdictOf(before, after);
      const printed = [
        text('x', verdict, { colour: false, all: true }),
        text('x', verdict, { colour: false, all: false }),
        markdown('x', verdict),
        refactoringAsText(verdict),
      ];
      const words = wordsIn(verdict);
      if (printed.some((one) => /\bundefined\b|\[object \w+\]|\bNaN\b/.test(one)))
        words.push(
          ...printed
            .join('\n')
            .split('\n')
            .filter((line) => /\bundefined\b|\[object \w+\]|\bNaN\b/.test(line)),
        );
      for (const word of words) {
        const broken = word.trim() === '' ? 'nothing' : BROKEN.find((pattern) => pattern.test(word));
        if (broken !== undefined) failures.push(`${again}: ${broken} in: ${word}`);
      }
    } catch (error) {
      failures.push(`${again}: ${error instanceof Error ? error.stack?.split('\n').slice(0, 4).join(' ') : error}`);
    }
  }
  console.log(
    `seed ${SEED}: ${pairs.length} pairs of ${seen.size} types in ${Date.now() - started} ms, ${failures.length} failures`,
  );
  expect(failures.slice(0, 20)).toEqual([]);
  if (VERDICT_PAIR === undefined) expect(seen.size).toBeGreaterThanOrEqual(200);
});
