import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import * as modules from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { beforeEach, describe, expect, test } from 'vitest';

let folder: string;
let file: string;

const at = (name: string): string => join(folder, name);
const put = (name: string, text: string): void => writeFileSync(at(name), text);

const stdin = {
  contents: `import { keepCompiled } from './bin/start/compile-cache';
    keepCompiled(process.argv[2], process.argv[4] ?? '');
    require(process.argv[3]);`,
  resolveDir: '.',
};
const START =
  buildSync({ stdin, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error', write: false }).outputFiles[0]
    ?.text ?? '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compile-cache-'));
  file = at('cache/program.bin');
  put('start.cjs', START);
  put('word.cjs', "exports.word = () => 'first';");
  put('program.cjs', "console.log(require('./word.cjs').word());");
});

const started = (name = 'program.cjs'): string =>
  execFileSync(process.execPath, [at('start.cjs'), file, at(name)], { encoding: 'utf8' }).trim();
/** State of the file, which each writing replaces. */
const written = (): number => statSync(file).ino;

// Newer ones have it themselves.
describe.skipIf('enableCompileCache' in modules)('compiled code of an earlier run', () => {
  test('is written once', () => {
    expect(started()).toBe('first');
    const once = written();
    expect(started()).toBe('first');
    expect(written()).toBe(once);
  });

  test('holds what has been called', () => {
    const long = (name: string): string =>
      `exports.${name} = () => [${[...Array(5000).keys()].map((n) => `'${n}'`)}].length;`;
    put('word.cjs', `${long('word')} ${long('other')}`);
    started();
    const one = statSync(file).size;
    put('program.cjs', "const { word, other } = require('./word.cjs'); console.log(word() + other());");
    started();
    expect(statSync(file).size).toBeGreaterThan(one + 10_000);
  });

  test('learns from the first run of each kind', () => {
    const run = (kind: string): void =>
      void execFileSync(process.execPath, [at('start.cjs'), file, at('program.cjs'), kind]);
    run('diff');
    const once = written();
    run('size');
    const twice = written();
    expect(twice).not.toBe(once);
    run('diff');
    run('size');
    expect(written()).toBe(twice);
  });

  test('is made anew of a text that has changed, even when it is as long as before', () => {
    started();
    const once = written();
    put('word.cjs', "exports.word = () => 'other';");
    expect(started()).toBe('other');
    expect(written()).not.toBe(once);
    expect(started()).toBe('other');
  });

  test('of modules that one run did not need stays for the next', () => {
    put('second.cjs', "console.log(require('./word.cjs').word(), 'again');");
    expect([started(), started('second.cjs')]).toEqual(['first', 'first again']);
    const twice = written();
    expect([started(), started('second.cjs'), written()]).toEqual(['first', 'first again', twice]);
  });

  test.each<[what: string, spoil: (whole: Buffer) => Buffer]>([
    ['cut off', (whole) => whole.subarray(0, whole.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['another program', () => Buffer.from('#!/bin/sh\n'.repeat(100))],
    [
      // In a word that the program says, so that V8 itself has nothing against it.
      'changed in one bit',
      (whole) => {
        const at = whole.indexOf('said first of all');
        expect(at).toBeGreaterThan(0);
        return Buffer.from(whole.map((byte, index) => (index === at ? byte ^ 1 : byte)));
      },
    ],
  ])('is not used when its file is %s', (_what, spoil) => {
    put('word.cjs', "exports.word = () => 'said first of all';");
    started();
    const whole = readFileSync(file);
    writeFileSync(file, spoil(whole));
    expect(started()).toBe('said first of all');
    expect(readFileSync(file).length).toBeGreaterThan(whole.length / 2);
    expect(started()).toBe('said first of all');
  });

  test('is done without where its folder cannot be made', () => {
    put('cache', 'a file');
    expect([started(), started()]).toEqual(['first', 'first']);
  });

  test('leaves no part of a file behind, nor one of a run that was ended before', () => {
    mkdirSync(at('cache'));
    for (const name of ['program.bin.7', 'program.bin.8', 'other.bin.7']) put(`cache/${name}`, 'half of it');
    const before = Date.now() / 1000 - 7200;
    for (const name of ['program.bin.7', 'other.bin.7']) utimesSync(at(`cache/${name}`), before, before);
    started();
    expect(readdirSync(at('cache')).sort()).toEqual(['other.bin.7', 'program.bin', 'program.bin.8']);
  });

  test('of a folder that was copied is made anew, with nothing of the other one', () => {
    put('word.cjs', `exports.word = () => 'first'; // ${'far from here'.repeat(20)}`);
    started();
    const here = folder;
    folder = mkdtempSync(join(tmpdir(), 'compile-cache-'));
    cpSync(here, folder, { recursive: true });
    file = at('cache/program.bin');
    rmSync(here, { recursive: true });
    expect(started()).toBe('first');
    expect(readFileSync(file).includes(here)).toBe(false);
  });

  test.each([
    ['in a package that says so', 'package.json', '{ "type": "module" }', 'late.js'],
    ['by its name', 'package.json', '{}', 'late.mjs'],
    ['as Node.js finds out', 'package.json', '{}', 'late.js'],
  ])('leaves an ES module to the loader: %s', (_how, described, description, name) => {
    put(described, description);
    put(name, "import { basename } from 'node:path'; export const late = basename('/a/late');");
    put('program.cjs', `console.log(require('./${name}').late);`);
    expect([started(), started()]).toEqual(['late', 'late']);
  });

  test('does not change what a module finds around it', () => {
    const program = `#!/usr/bin/env node
      const path = require('node:path');
      console.log(JSON.stringify([
        path.basename(__filename), __dirname === path.dirname(__filename), this === module.exports,
        require.resolve('./word.cjs') === path.join(__dirname, 'word.cjs'), require.resolve.paths('x')[0],
        require.main === process.mainModule, Object.keys(require.extensions), module.parent !== undefined,
        module.children.length, require.cache[__filename] === module,
      ]));
      import('./late.mjs').then(({ late }) => console.log(late, new Error('here').stack.split('\\n')[1].trim()));`;
    put('late.mjs', "export const late = 'late';");
    put('around.cjs', program);
    put('stripped.cjs', program.replace(/^.*\n/, '\n'));
    const plain = (name: string): string =>
      execFileSync(process.execPath, ['-e', `require(${JSON.stringify(at(name))})`], { encoding: 'utf8' }).trim();
    for (const name of ['around.cjs', 'stripped.cjs']) {
      const [there, ...rest] = plain(name).split('\n');
      // Without a main program there is none.
      const expected = [there?.replace('false,[".js"', 'true,[".js"'), ...rest];
      expect(started(name).split('\n')).toEqual(expected);
      expect(started(name).split('\n')).toEqual(expected);
    }
  });

  test.each([
    "import('./late.mjs')",
    "import /* late */ ('./late.mjs')",
    ...['\n', '\r\n', '\r', '\u2028'].map((end) => `import// late${end}('./late.mjs')`),
  ])('leaves %j to the loader', (late) => {
    put('late.mjs', "export const late = 'late';");
    put('program.cjs', `${late}.then(({ late }) => console.log(late));`);
    expect([started(), started()]).toEqual(['late', 'late']);
  });

  test('leaves what is spread to the loader too', () => {
    put('late.mjs', 'export const late = true;');
    put('program.cjs', "({ ...import('./late.mjs') }); console.log('on');");
    expect([started(), started()]).toEqual(['on', 'on']);
  });

  test('looks at each comment behind the word once', () => {
    put('program.cjs', `// import ${'/* as a bundler writes */ '.repeat(60)}\nconsole.log('quick');`);
    expect(started()).toBe('quick');
  });

  test('tells a program that fails by its own place', () => {
    put('fails.cjs', "\nthrow new Error('as it should');");
    const said = (): string => {
      try {
        return started('fails.cjs');
      } catch (error) {
        return String((error as { stderr: unknown }).stderr);
      }
    };
    for (const text of [said(), said()]) expect(text).toContain(`${at('fails.cjs')}:2`);
  });
});
