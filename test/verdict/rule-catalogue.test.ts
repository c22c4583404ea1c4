import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ACCEPTANCE_VOID } from '../../lib/verdict/acceptances';
import { CHECKS, RULES } from '../../lib/verdict/rules';
import { rulesDocument } from '../../lib/verdict/rules-document';
import { ruleFiles } from '../../scripts/rule-files';

const VERDICT_DIRECTORY = join(import.meta.dirname, '..', '..', 'lib', 'verdict');

/** Ids that a source file may report, as it writes them. */
function reportedIn(file: string): string[] {
  const source = readFileSync(join(VERDICT_DIRECTORY, file), 'utf8');
  return [...source.matchAll(/\brule: '([^']+)'|refuse\(\s*'([a-z-]+)'|refuse\(place, '([a-z-]+)'/g)].flatMap(
    ([, ...ids]) => ids.filter((id) => id !== undefined),
  );
}

const FILES = readdirSync(VERDICT_DIRECTORY, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

test('no id stands for two rules', () => {
  expect([...CHECKS.flatMap(({ rules }) => rules), ACCEPTANCE_VOID]).toHaveLength(RULES.size);
});

test('every id that is reported is in the catalogue, and every rule of the catalogue is reported', () => {
  const reported = new Set(FILES.flatMap(reportedIn));
  expect([...RULES.keys()].filter((id) => !reported.has(id))).toEqual([]);
  expect([...reported].filter((id) => !RULES.has(id))).toEqual([]);
});

test.each([...RULES.values()])('$id says what it finds and why, and names a page by its address', (rule) => {
  expect(rule.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(rule.summary).toMatch(/^[A-Z].*\.$/);
  expect(rule.why).toMatch(/^[A-Z].*\.$/);
  expect(rule.source ?? 'https://').toMatch(/^https:\/\//);
});

test('the file of every rule is known', () => {
  expect([...ruleFiles().keys()].sort()).toEqual([...RULES.keys()].sort());
});

test('docs/rules.md is up to date (npm run schema writes it)', async () => {
  await expect(rulesDocument(RULES.values(), ruleFiles())).toMatchFileSnapshot('../../docs/rules.md');
});
