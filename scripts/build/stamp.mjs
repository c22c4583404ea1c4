// Keeps a build when all that decides it is as it was: bundling takes four times as long as finding that out. Files
// are compared by their content. A changed date is no change, and an output that another build has overwritten is none of this one's.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve, sep } from 'node:path';

/** Files and folders of the project that decide what is built. An input that lies elsewhere is found by `stampOf`. */
const SOURCES = ['bin', 'lib', 'lambda', 'scripts/build', 'scripts/build.mjs', 'package.json', 'tsconfig.json'];
/** Prefix of files that are still being written. */
export const PART = 'part-';
/** Name of the stamp, in the folder of what was built. */
export const STAMP = 'built.json';

/** True when the folder holds what a build of these sources with these packages would put there. */
export function isBuilt(folder) {
  try {
    const { sources, packages, outputs } = JSON.parse(readFileSync(join(folder, STAMP), 'utf8'));
    return (
      sources === digestOfSources() &&
      Object.entries(packages).every(([path, was]) => stateOf(path) === was) &&
      outputs === digestOf([folder], (name) => name !== STAMP && !name.startsWith(PART))
    );
  } catch {
    // No stamp, or no whole one.
    return false;
  }
}

/** State of the sources before a build, to hand to `stampOf`: undefined where npm has left no list of what is installed. */
export function digestOfSources() {
  const installed = join(
    dirname(dirname(createRequire(resolve('x')).resolve('esbuild/package.json'))),
    '.package-lock.json',
  );
  return existsSync(installed) ? digestOf([...SOURCES.filter(existsSync), installed], () => true) : undefined;
}

/** The stamp for a build whose bundles had these inputs; undefined when nobody could tell later whether it still holds. */
export function stampOf(folder, sources, inputs) {
  // Some inputs are no files: what a plugin puts in the place of a package, or nothing in the place of what no bundle needs.
  const files = inputs.filter(existsSync);
  const packages = files.filter((path) => path.split(/[\\/]/).includes('node_modules'));
  const own = files.filter((path) => !packages.includes(path));
  const isKnown = (path) => SOURCES.some((source) => path === source || path.startsWith(`${source}/`));
  // Sources that changed meanwhile may be in a bundle or not.
  if (sources === undefined || sources !== digestOfSources() || !own.every(isKnown)) return undefined;
  const outputs = digestOf([folder], (name) => name !== STAMP && !name.startsWith(PART));
  return { sources, packages: Object.fromEntries(packages.map((path) => [path, stateOf(path)])), outputs };
}

/** Packages change by an installation, which the list of what is installed tells; this finds an edit by hand besides. */
function stateOf(path) {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}

/** Digest of the names and contents of files, and of all files in folders whose names are wanted. */
function digestOf(paths, isWanted) {
  const hash = createHash('sha256').update(process.env.NODE_PATH ?? '');
  const add = (path) => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) if (isWanted(name)) add(join(path, name));
    } else {
      const content = readFileSync(path);
      hash.update(`${path.replaceAll(sep, '/')}\0${content.length}\0`).update(content);
    }
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}
