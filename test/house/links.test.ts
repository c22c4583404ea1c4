import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Every page of the documentation, by its path in the project. */
const PAGES = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'lib', 'lambda', 'examples', '.github'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

/** GitHub's anchor of a heading: lower case, punctuation dropped, spaces as hyphens. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Links of a page that lead to no file, or to no heading of it. */
function broken(page: string): string[] {
  const markdown = readFileSync(join(root, page), 'utf8');
  return [...markdown.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?|mailto):/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, page) : join(root, dirname(page), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
    });
}

/** Files of those who use this, not of this project. */
const OF_USERS = [
  ...['config/runtime.exs', 'config/prod.exs', 'config/test.exs', 'bin/server', 'bin/migrate', 'bin/drain'],
  'bin/databases-changed',
  ...['lib/my_app/release.ex', 'lib/my_app/application.ex', 'lib/my_app_web/endpoint.ex'],
  '.github/workflows/beamstalk-diff.yml',
];

/** Paths of this project that a page names in code, such as `lib/node/parameters.ts` or `docs/adr/0016-*`. */
function missing(page: string): string[] {
  const markdown = readFileSync(join(root, page), 'utf8');
  return [...markdown.matchAll(/`((?:lib|lambda|bin|docs|test|scripts|config|\.ci|\.github)\/[\w./-]+\*?)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => !OF_USERS.includes(path))
    .filter((path) =>
      path.endsWith('*')
        ? !readdirSync(join(root, dirname(path))).some((name) =>
            `${dirname(path)}/${name}`.startsWith(path.slice(0, -1)),
          )
        : !existsSync(join(root, path)),
    );
}

describe.each(PAGES)('%s', (page) => {
  test('has links that lead somewhere', () => expect(broken(page)).toEqual([]));
  test('names files that there are', () => expect(missing(page)).toEqual([]));
});

test('every page of docs is found from the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  expect(pages.filter((name) => !readme.includes(`docs/${name}`))).toEqual([]);
});
