import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');

function foldersOf(parent: string): string[] {
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Rooms of `lib` that the files of one import, without itself. */
function importedBy(room: string): string[] {
  const files = readdirSync(join(root, 'lib', room), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const found = files.flatMap((file) =>
    [...readFileSync(join(root, 'lib', room, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(
      ([, target = '']) => join(room, file, '..', target).split('/')[0] ?? '',
    ),
  );
  return [...new Set(found)].filter((one) => one !== room && foldersOf('lib').includes(one)).sort();
}

describe('the map of the code', () => {
  test.each(['lib', 'lambda'])('names every folder of %s in its table, and none that is not there', (parent) => {
    const rows = [...PAGE.matchAll(new RegExp(`^\\| \`${parent}/([a-z-]+)\` \\|`, 'gm'))].map(([, name = '']) => name);
    expect(rows.sort()).toEqual(foldersOf(parent).sort());
  });

  test.each(foldersOf('lib'))('says what lib/%s imports', (room) => {
    const row = PAGE.split('\n').find((line) => line.startsWith(`| \`lib/${room}\` |`)) ?? '';
    const said = (row.split('|')[3] ?? '').trim();
    const imported = importedBy(room);
    expect(said === 'nothing' ? [] : said.split(', ').sort()).toEqual(imported);
  });
});
