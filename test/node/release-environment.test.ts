import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { NODE_PARAMETERS } from '../../lib/node/parameters';

const PAGE = readFileSync('docs/release-environment.md', 'utf8');
const STEP = readFileSync(join(BOOT_DIRECTORY, 'steps', 'release.sh'), 'utf8');

const DATABASES = readFileSync(join(BOOT_DIRECTORY, 'databases.sh'), 'utf8');

/** Variables that the boot step sets by a name of its own; those named after queues, tables and functions are apart. */
const SET = [
  ...[...STEP.matchAll(/^[^#\n]*\bset_(?:variable|from) ([A-Z][A-Z0-9_]*) /gm)].map(([, name = '']) => name),
  // Those of the single database, by the ends of their names.
  ...[...DATABASES.matchAll(/\bprintf '([A-Z_]+)\\t%s/g)].map(([, end = '']) => `DATABASE_${end}`),
];

test('every variable that a node sets is on the page', () => {
  expect(SET.length).toBeGreaterThan(40);
  expect([...new Set(SET)].filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
});

test('every variable on the page is set by a node', () => {
  const [table = ''] = /## Variables[\s\S]*?\n## /.exec(PAGE) ?? [];
  const named = table
    .split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z][A-Z0-9_]*)`/g)].map(([, name = '']) => name));
  const application = ['SECRET_KEY_BASE'];
  expect(named.filter((name) => !SET.includes(name))).toEqual(application);
});

test('every topic of the parameters that a node reads is on the page', () => {
  const topics = new Set(NODE_PARAMETERS.map((name) => name.split('/')[0]));
  expect([...topics].filter((topic) => !PAGE.includes(`\`${topic}/`))).toEqual([]);
});
