import { describe, expect, test } from 'vitest';
import type { Templates } from '../../lib/template/template';
import { verdictOf } from '../../lib/verdict/verdict';
import { brokenWords } from './broken-words';
import type { Hazard } from './hazard';
import { HAZARDS, OF_THE_BOX } from './hazards';
import { Planted } from './planted';

function judged({ given, plant }: Pick<Hazard, 'given' | 'plant'>, base: Planted) {
  const before = base.copy();
  given?.(before);
  const after = before.copy();
  plant(after);
  return verdictOf(before.templates as unknown as Templates, after.templates as unknown as Templates);
}

function expectFound(hazard: Hazard, base: Planted): void {
  const found = judged(hazard, base);
  const { verdict, findings, changes } = found;
  const wanted = hazard.verdict ?? 'refused';
  expect(findings).toContainEqual(expect.objectContaining({ severity: wanted, rule: hazard.rule }));
  expect(verdict).toBe(wanted);
  expect(brokenWords(found)).toEqual([]);
  if (hazard.change === undefined) return;
  const [id, change] = hazard.change;
  expect(changes.filter((one) => one.id.startsWith(id))).toContainEqual(expect.objectContaining({ change }));
}

test('there are at least forty hazards, each of its own name', () => {
  const names = [...HAZARDS, ...OF_THE_BOX].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(40);
});

test('without a hazard nothing is found', () => {
  expect(judged({ plant: () => {} }, Planted.prod())).toMatchObject({ verdict: 'safe', changes: [], findings: [] });
});

describe('planted in production at phase 3', () => {
  test.each(HAZARDS)('$name', (hazard) => expectFound(hazard, Planted.prod()));
});

describe('planted in production at phase 0', () => {
  test.each(OF_THE_BOX)('$name', (hazard) => expectFound(hazard, Planted.prod(0)));
});
