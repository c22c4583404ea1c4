import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as modules from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { beforeEach, describe, expect, test } from 'vitest';

let folder: string;
let file: string;

const at = (name: string): string => join(folder, name);
const put = (name: string, text: string): void => writeFileSync(at(name), text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compile-cache-'));
  file = at('cache/program.bin');
  const contents = `import { keepCompiled } from './bin/start/compile-cache';
    keepCompiled(process.argv[2], process.argv[4] ?? '');
    require(process.argv[3]);`;
  const stdin = { contents, resolveDir: '.' };
  buildSync({ stdin, bundle: true, platform: 'node', format: 'cjs', outfile: at('start.cjs'), logLevel: 'error' });
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
      'changed in one bit',
      (whole) => Buffer.from(whole.map((byte, at) => (at === whole.length - 40 ? byte ^ 1 : byte))),
    ],
  ])('is not used when its file is %s', (_what, spoil) => {
    started();
    const whole = readFileSync(file);
    writeFileSync(file, spoil(whole));
    expect(started()).toBe('first');
    expect(readFileSync(file).length).toBeGreaterThan(whole.length / 2);
    expect(started()).toBe('first');
  });

  test('is done without where its folder cannot be made', () => {
    put('cache', 'a file');
    expect([started(), started()]).toEqual(['first', 'first']);
  });

  test('leaves no part of a file behind', () => {
    started();
    expect(readdirSync(at('cache'))).toEqual(['program.bin']);
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
