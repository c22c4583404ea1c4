import { describe, expect, test } from 'vitest';
import type { Templates } from '../../lib/template/template';
import { verdictOf } from '../../lib/verdict/verdict';
import { brokenWords } from './broken-words';
import { Planted } from './planted';
import { SAFE_CHANGES } from './safe-changes';

test('there are at least forty, each of its own name', () => {
  expect(new Set(SAFE_CHANGES.map(({ name }) => name)).size).toBe(SAFE_CHANGES.length);
  expect(SAFE_CHANGES.length).toBeGreaterThanOrEqual(40);
});

describe('in production', () => {
  test.each(SAFE_CHANGES)('$name', ({ phase = 3, given, set, base, plant, change }) => {
    const before = Planted.prod(phase, given);
    base?.(before);
    const after = set === undefined ? before.copy() : Planted.prod(phase, { ...given, ...set });
    plant?.(after);
    const found = verdictOf(before.templates as unknown as Templates, after.templates as unknown as Templates);
    const { verdict, changes, findings } = found;
    expect(brokenWords(found)).toEqual([]);
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(verdict).toBe('safe');
    expect(changes).not.toEqual([]);
    if (change === undefined) return;
    const [id, what] = change;
    expect(changes.filter((one) => one.id.startsWith(id))).toContainEqual(expect.objectContaining({ change: what }));
  });
});
