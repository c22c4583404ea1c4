import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** A module's compiled code, and of which text it was made: V8 itself compares no more than the length. */
interface Compiled {
  readonly text: number;
  readonly code: Buffer;
}

/** The list at the front of the file, in the order in which the codes follow. */
type Listed = readonly [path: string, text: number, bytes: number];

/** Parts of the module loader that @types/node does not have, as Node.js 20 has them. */
interface Loader {
  readonly prototype: { _compile(this: NodeModule, text: string, path: string, format?: string): unknown };
  readonly _cache: NodeJS.Require['cache'];
  readonly _extensions: NodeJS.Require['extensions'];
  wrap(text: string): string;
  _resolveFilename(request: string, parent: NodeModule, isMain: boolean, options?: object): string;
  _resolveLookupPaths(request: string, parent: NodeModule): string[] | null;
}

/**
 * Text of a program of its own, which the loader strips of its first line, or with `import()`: that of a script from kept code ends
 * with ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING (Node.js 20.20.2, 2026-11-30). A comment may stand between, for a bundler; behind a
 * backtick it is the word of a comment.
 */
const IS_LEFT_TO_THE_LOADER =
  /^#!|(?<![`\w$])(?<!(?<!\.\.)\.)import(?:\s|\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n\r\u2028\u2029]*[\n\r\u2028\u2029])*\(/;

/** Kinds of runs that a file learns from, after which it stays as it is: each writes all of it. */
const MOST_KINDS = 16;

/** What stands in front of the codes: of which file, the modules, and the kinds of runs. */
interface List {
  readonly of: string;
  readonly listed: readonly Listed[];
  readonly kinds: readonly string[];
}

/** CRC-32 of what follows, and the length of the list. */
const HEAD = 8;

/** Age from which a part of a file is of a process that was ended before it gave it its name. */
const LEFT_MS = 3_600_000;

/**
 * Loads CommonJS modules from code that an earlier run has compiled, and writes what was new as the process ends. The code holds
 * the functions that the run has called, so those are not compiled again either.
 *
 * For Node.js without `module.enableCompileCache`, which 22.1 brought: https://nodejs.org/api/module.html#module-compile-cache.
 * Flags of V8 have to be set before; code that was made under others is refused by V8, and made anew.
 *
 * @param file where the code is kept; a folder that cannot be written, or a file that is not whole, costs time and nothing else.
 * @param kind what this run does: the first of a kind calls functions that others have not called.
 */
export function keepCompiled(file: string, kind: string): void {
  const loader = Module as unknown as Loader;
  const { kept, kinds } = read(file);
  const scripts = new Map<string, readonly [text: number, Script]>();
  let isNew = !kinds.includes(kind) && kinds.length < MOST_KINDS;
  const compile = loader.prototype._compile;
  loader.prototype._compile = function (text, path, format) {
    const sum = crc32(text);
    const found = kept.get(path);
    const isCommon = (format ?? 'commonjs') === 'commonjs' && !IS_LEFT_TO_THE_LOADER.test(text);
    const script = isCommon
      ? scriptOf(loader.wrap(text), path, found?.text === sum ? found.code : undefined)
      : undefined;
    if (script === undefined) return compile.call(this, text, path, format);
    isNew ||= script.cachedDataRejected !== false;
    scripts.set(path, [sum, script]);
    const run = script.runInThisContext() as (...given: unknown[]) => unknown;
    return run.call(this.exports, this.exports, requireOf(loader, this), this, path, dirname(path));
  };
  process.once('exit', () => {
    if (!isNew) return;
    const now = [...scripts].map(
      ([path, [text, script]]) => [path, { text, code: script.createCachedData() }] as const,
    );
    const all = new Map([...[...kept].filter(([path]) => existsSync(path)), ...now]);
    write(file, { kept: all, kinds: [...new Set([...kinds, kind])].slice(0, MOST_KINDS) });
  });
}

/** None for a text that is no script: the loader takes it for an ES module (`require` of one: Node.js 20.19), or says what is wrong. */
function scriptOf(text: string, filename: string, cachedData: Buffer | undefined): Script | undefined {
  try {
    return new Script(text, { filename, ...(cachedData && { cachedData }) });
  } catch {
    return undefined;
  }
}

/** Makes the `require` of a module. */
function requireOf(loader: Loader, parent: NodeModule): NodeJS.Require {
  const resolve = (request: string, options?: object): string =>
    loader._resolveFilename(request, parent, false, options);
  const paths = (request: string): string[] | null => loader._resolveLookupPaths(request, parent);
  return Object.assign((request: string): unknown => parent.require(request), {
    ...{ resolve: Object.assign(resolve, { paths }), main: process.mainModule },
    ...{ extensions: loader._extensions, cache: loader._cache },
  });
}

interface Kept {
  readonly kept: ReadonlyMap<string, Compiled>;
  readonly kinds: readonly string[];
}

function read(file: string): Kept {
  const kept = new Map<string, Compiled>();
  try {
    const all = readFileSync(file);
    // V8 runs what it is given: half a file would end the process.
    if (crc32(all.subarray(4)) !== all.readUInt32LE(0)) return { kept, kinds: [] };
    let at = HEAD + all.readUInt32LE(4);
    const { of, listed, kinds } = JSON.parse(all.toString('utf8', HEAD, at)) as List;
    // A copy of the folder: modules have other paths here, and those of the folder that was copied would stay for ever.
    if (of !== file) return { kept, kinds: [] };
    for (const [path, text, bytes] of listed) {
      kept.set(path, { text, code: all.subarray(at, at + bytes) });
      at += bytes;
    }
    return { kept, kinds };
  } catch {
    // None yet, or not to be read.
    return { kept: new Map(), kinds: [] };
  }
}

/** Never half a file: another process may be reading it. */
function write(file: string, { kept, kinds }: Kept): void {
  const listed = [...kept].map(([path, { text, code }]): Listed => [path, text, code.length]);
  const list = Buffer.from(JSON.stringify({ of: file, listed, kinds } satisfies List));
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(list.length, 4);
  const all = Buffer.concat([head, list, ...[...kept.values()].map(({ code }) => code)]);
  all.writeUInt32LE(crc32(all.subarray(4)), 0);
  const folder = dirname(file);
  const part = `${file}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(part, all);
      renameSync(part, file);
    } catch (error) {
      // A disk that is full would stay so by what there is of it.
      rmSync(part, { force: true });
      throw error;
    }
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (name.startsWith(`${basename(file)}.`) && Date.now() - statSync(path).mtimeMs > LEFT_MS) rmSync(path);
    }
  } catch {
    // A file system that is full, or of somebody else: the next run compiles again.
  }
}
