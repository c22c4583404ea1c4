import { mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Finding, KeptFindings } from '../../scripts/kept-findings';

// What linters said of a template holds for that template, and for those linters, alone.

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'beamstalk-test-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const FINDING: Finding = {
  ...{ linter: 'checkov', rule: 'CKV_AWS_20', message: 'public', file: 'dev.json', resource: 'Bucket' },
};

test('findings are of one template, whatever its file is called', () => {
  const kept = new KeptFindings(home, 'checkov 1');
  expect(kept.of('dev.json', '{}')).toBeUndefined();
  kept.keep('{}', [FINDING]);
  kept.keep('{"Resources":{}}', []);
  expect(kept.of('prod.json', '{}')).toEqual([{ ...FINDING, file: 'prod.json' }]);
  expect(kept.of('dev.json', '{"Resources":{}}')).toEqual([]);
  expect(kept.of('dev.json', '{ }')).toBeUndefined();
});

test('other linters, or another way of asking them, know nothing', () => {
  new KeptFindings(home, 'checkov 1').keep('{}', []);
  expect(new KeptFindings(home, 'checkov 2').of('dev.json', '{}')).toBeUndefined();
});

test('a file that a full disk has cut short is none', () => {
  const kept = new KeptFindings(home, 'checkov 1');
  kept.keep('{}', [FINDING]);
  const [name = ''] = readdirSync(home);
  writeFileSync(join(home, name), '[{"linter":');
  expect(kept.of('dev.json', '{}')).toBeUndefined();
});

test('what nobody has asked for within a week goes', () => {
  const kept = new KeptFindings(home, 'checkov 1');
  kept.keep('old', []);
  kept.keep('asked for', []);
  const before = new Date(Date.now() - 8 * 86_400_000);
  for (const name of readdirSync(home)) utimesSync(join(home, name), before, before);
  kept.of('dev.json', 'asked for');
  kept.forget();
  expect(kept.of('dev.json', 'asked for')).toEqual([]);
  expect(kept.of('dev.json', 'old')).toBeUndefined();
});

test('two runs that forget at once end well', () => {
  const kept = new KeptFindings(home, 'checkov 1');
  symlinkSync(join(home, 'gone'), join(home, 'of another run'));
  kept.forget();
  expect(kept.of('dev.json', '{}')).toBeUndefined();
});
