import { readdirSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../scripts/bench/command';

/** Names below a folder that end as a test's. */
const testsBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name.replaceAll(sep, '/')}`);

/** Files of the tests, as vitest itself gives them out to the projects of vitest.config.ts. */
function givenOut(): { readonly file: string; readonly projectName: string }[] {
  const args = ['node_modules/vitest/vitest.mjs', 'list', '--filesOnly', '--json'];
  return JSON.parse(run({ program: process.execPath, args, cwd: '.' }).stdout) as ReturnType<typeof givenOut>;
}

// A file of two projects runs where what it needs is not there; one of none never fails.
test('every file of tests belongs to one project', () => {
  const files = givenOut().map(({ file }) => relative('.', file).replaceAll(sep, '/'));
  expect(files.sort()).toEqual([...testsBelow('test'), ...testsBelow('lambda')].sort());
});
