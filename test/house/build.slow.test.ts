import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
let project: string;

/** A project with a program, a function that shares a file, and this project's bundler and packages. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'build-'));
  for (const part of ['scripts/build', 'scripts/build.mjs', 'tsconfig.json', 'package.json']) {
    cpSync(join(ROOT, part), join(project, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
  write('bin/app.ts', "import { word } from '../lib/word';\nconsole.log(word);");
  write('lib/word/index.ts', "export const word = 'first';");
  write('lambda/job/handler.ts', "import { word } from '../../lib/word';\nexport const handler = (): string => word;");
  return () => rmSync(project, { recursive: true, force: true });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), content);
}

function node(...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' }).trim();
}

/** True when a build would find nothing to do. */
function isBuilt(cwd = project): boolean {
  const program = "import('./scripts/build/stamp.mjs').then(({ isBuilt }) => console.log(isBuilt('.build')))";
  return execFileSync(process.execPath, ['--eval', program], { cwd, encoding: 'utf8' }) === 'true\n';
}

/** Builds, and returns what the program says. */
function built(): string {
  node('scripts/build.mjs');
  return node('.build/app.cjs');
}

test('what is built stays until something of it changes', () => {
  expect(isBuilt()).toBe(false);
  expect(built()).toBe('first');
  expect(isBuilt()).toBe(true);
  expect(built()).toBe('first');
});

describe('it is built anew', () => {
  const handler = '.build/lambda/job/handler.js';

  test.each<[change: string, make: () => void, says: string]>([
    ['a source says something else', () => write('lib/word/index.ts', "export const word = 'other';"), 'other'],
    ['a new file stands before another', () => write('lib/word.ts', "export const word = 'nearer';"), 'nearer'],
    ['a function is new', () => write('lambda/new/handler.ts', 'export const handler = 1;'), 'first'],
    [
      'the bundler has another setting',
      () => write('tsconfig.json', '{ "compilerOptions": { "target": "ES2020" } }'),
      'first',
    ],
    ['an output is gone', () => rmSync(join(project, handler)), 'first'],
    ['an output is not what was built', () => write('.build/app.cjs', "console.log('stale');"), 'first'],
    ['the stamp is half a file', () => write('.build/built.json', '{ "sources": "'), 'first'],
  ])('when %s', (_, make, says) => {
    expect(built()).toBe('first');
    expect(isBuilt()).toBe(true);
    make();
    expect(isBuilt()).toBe(false);
    expect(built()).toBe(says);
    expect(isBuilt()).toBe(true);
    expect(readFileSync(join(project, handler), 'utf8')).toContain(says);
  });

  test('every time, when a bundle holds what is no source', () => {
    write('elsewhere/word.ts', "export const word = 'elsewhere';");
    write('bin/app.ts', "import { word } from '../elsewhere/word';\nconsole.log(word);");
    expect(built()).toBe('elsewhere');
    expect(isBuilt()).toBe(false);
  });
});

// A gate builds before its tests (test/prepare.ts).
test('the bundles of this project hold nothing that is no source', () => {
  expect(isBuilt(ROOT)).toBe(true);
});
