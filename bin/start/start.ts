import { createHash } from 'node:crypto';
import * as modules from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { keepCompiled } from './compile-cache';

/** Parts of `node:module` that the types of Node.js 20 leave out. */
interface NewerModules {
  enableCompileCache(folder: string): void;
}

/** Options under which somebody else wants to see each module as it is loaded. */
const OBSERVED = /--(enable-source-maps|inspect|loader|experimental-loader|experimental-default-type)/;

/**
 * Starts a program of this folder from code that an earlier run has compiled.
 *
 * @param name the program's file, without `.main.cjs`.
 */
export function start(name: string): void {
  keep(name);
  const here = import.meta.dirname;
  modules.createRequire(join(here, `${name}.cjs`))(join(here, `${name}.main.cjs`));
}

function keep(name: string): void {
  // With the packages, since most of the code is theirs, and nobody else can write there. Node.js itself would take a folder of
  // the temporary one, where whoever makes it first decides what runs: it compares a CRC-32 and a length.
  const folder = join(import.meta.dirname, '..', 'node_modules', '.cache', 'beamstalk');
  const options = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  const observed = process.env['NODE_V8_COVERAGE'] !== undefined || OBSERVED.test(options);
  // From Node.js 22.1 on it is part of Node.js. https://nodejs.org/api/module.html#moduleenablecompilecacheoptions
  const { enableCompileCache } = modules as Partial<NewerModules>;
  if (enableCompileCache !== undefined) {
    if (!observed) enableCompileCache(folder);
    return;
  }
  // Node.js 20 optimises the WebAssembly of the CDK's template validator all the while it runs, and throws the result away
  // seconds later: its quick compiler alone took 5.2 s of processor time for the app instead of 7.0 s (prod at phase 3,
  // medians of 6 on a busy machine, 2026-11-21). On Node.js 24 the same gave no clear gain.
  setFlagsFromString('--liftoff-only');
  if (observed) return;
  // Other flags of V8 make other code.
  const made = createHash('sha256').update(`${process.version} ${process.arch} ${options}`).digest('hex').slice(0, 8);
  const file = join(folder, `${name}-${made}.bin`);
  // Another command, or another phase and environment.
  const told = `${process.argv[2] ?? ''} ${process.env['CDK_CONTEXT_JSON'] ?? ''}`;
  keepCompiled(file, createHash('sha256').update(told).digest('hex').slice(0, 8));
}
