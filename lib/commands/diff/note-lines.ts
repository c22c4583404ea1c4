import { counted } from '../../template/counted';
import type { Verdict } from '../../verdict/verdict-schema';
import { grouped } from './grouped';

/** Notes of one rule, from the third on, in one line with the first. */
export function noteLines(findings: Verdict['findings'], all: boolean): Verdict['findings'] {
  const notes = findings.filter(({ severity }) => severity === 'note');
  if (all) return notes;
  return grouped(notes, ({ rule }) => rule).flatMap(([first, ...others]) =>
    others.length < 2
      ? [first, ...others]
      : [{ ...first, message: `${first.message}; and ${counted(others.length, 'other')} like it (--all lists them)` }],
  );
}
