import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PHASES } from '../../lib/architecture/phases';
import { isPhase, isStep, LAST_PHASE, PHASE_NUMBERS } from '../../lib/facts/phase-numbers';

const root = join(import.meta.dirname, '..', '..');

/** Places that may name a phase by its number: the list itself, and the file of each phase. */
const MAY_NAME = [/^lib\/facts\/phase-numbers\.ts$/, /^lib\/architecture\/phases\/\d-[a-z-]+\.ts$/];

/** Ways in which a phase was written as a number outside the list, each found in this project once; phase 0 is "the first", and may be asked for. */
const LITERALS = [
  /\[0-6\]/,
  /\.max\(6\)/,
  /phase (?:<|<=|>|>=|===|!==) [1-9]/i,
  /const [A-Z_]+ = \d;.*phase/i,
  /\bAUTOMATED\b/,
  /0 \| 1 \| 2 \| 3/,
];

function literalsIn(source: string): string[] {
  return source
    .split('\n')
    .filter((line) => !/^\s*(\*|\/\/|\/\*)/.test(line) && LITERALS.some((one) => one.test(line)));
}

test('phases are counted in one place', () => {
  const files = ['lib', 'bin', 'lambda'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  expect(files.length).toBeGreaterThan(200);
  const found = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !MAY_NAME.some((one) => one.test(file)))
    .flatMap((file) => literalsIn(readFileSync(join(root, file), 'utf8')).map((line) => `${file}: ${line.trim()}`));
  expect(found).toEqual([]);
});

test.each([
  'if (!/^[0-6]$/.test(text)) return;',
  'phase: z.int().min(0).max(6),',
  'return settings.phase < 4;',
  'const AUTOMATED = 4;',
  'export type PhaseNumber = 0 | 1 | 2 | 3 | 4;',
])('a literal is found: %s', (line) => {
  expect(literalsIn(line)).toEqual([line]);
});

test('the phases that can be built are those that are counted', () => {
  expect(PHASES.map(({ number }) => number)).toEqual([...PHASE_NUMBERS]);
  expect(LAST_PHASE).toBe(PHASES.at(-1)?.number);
});

describe('a phase and a step as text', () => {
  test.each(['0', '6'])('%s is a phase', (text) => expect(isPhase(text)).toBe(true));
  test.each(['7', '-1', '06', '1.0', '', 'x'])('%j is none', (text) => expect(isPhase(text)).toBe(false));
  test.each(['3-to-2', '3+1-to-2+1', '6-to-6+5'])('%s is a step', (text) => expect(isStep(text)).toBe(true));
  test.each(['3-2', '7-to-6', '3-to-', '3+-to-2'])('%j is none', (text) => expect(isStep(text)).toBe(false));
});
