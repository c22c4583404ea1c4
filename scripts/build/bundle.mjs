import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { build } from 'esbuild';
import { explorer } from './explorer.mjs';
import { serviceSpecification } from './service-specification.mjs';
import { digestOfSources, PART, STAMP, stampOf } from './stamp.mjs';

const common = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning', write: false, metafile: true };

// For programs that start without `bin/start`, which says why, and why in this folder.
const banner = `
const { enableCompileCache } = require('node:module');
if (enableCompileCache) enableCompileCache(require('node:path').join(__dirname, '..', 'node_modules', '.cache', 'beamstalk'));
else require('node:v8').setFlagsFromString('--liftoff-only');
`;

// node-postgres has a second client, over a library in C that no function has, and loads it only when it is asked for.
const withoutNative = {
  name: 'without-pg-native',
  setup(build) {
    build.onResolve({ filter: /^\.\/native$/ }, ({ importer }) =>
      /[\\/]pg[\\/]lib[\\/]/.test(importer) ? { path: 'pg-native', external: true } : undefined,
    );
  },
};

/** Program for machines that have no packages. */
const ALONE = 'bin/move.ts';

/** Starts a program from the code that an earlier run has compiled; a project may have none. */
const START = 'bin/start/start.ts';
/** A thread of a program that has started. */
const THREADS = ['bin/validation.ts'];

const programs = {
  ...common,
  outdir: '.build',
  target: 'node20',
  // The form that its package.json names for Node.js loads its parts in a way that no bundler sees.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  sourcemap: true,
  define: { 'import.meta.dirname': '__dirname' },
};

/** Packages that read files of their own stay packages; the rest starts faster from one file. */
const besidePackages = {
  ...programs,
  external: ['aws-cdk-lib', '@aws-sdk/*', 'cdk-nag', 'constructs'],
  plugins: [serviceSpecification('.build', put), withoutNative],
};
const unstarted = { outExtension: { '.js': '.cjs' } };

/** Bundles the CDK app, the thread that validates and the command line, the page of the explorer, and each Lambda function as it is deployed. */
export async function bundle() {
  const sources = digestOfSources();
  // Lambda takes a lone .js file for CommonJS, as this makes Node.js do here, where the project says module.
  put('.build/lambda/package.json', Buffer.from('{ "type": "commonjs" }\n'));
  const found = readdirSync('bin', { withFileTypes: true }).flatMap((file) =>
    file.isFile() ? `bin/${file.name}` : [],
  );
  const alone = found.filter((file) => file === ALONE);
  const started = existsSync(START) ? found.filter((file) => ![ALONE, ...THREADS].includes(file)) : [];
  const others = found.filter((file) => ![...alone, ...started].includes(file));
  const page = explorer('.build/explore');
  const results = await Promise.all([
    build({ ...besidePackages, ...unstarted, banner: { js: banner }, entryPoints: others }),
    build({
      ...besidePackages,
      outExtension: { '.js': '.main.cjs' },
      // Code with `import()` is compiled in each run: see bin/start/compile-cache.ts.
      supported: { 'dynamic-import': false },
      entryPoints: started,
    }),
    ...started.map((file) => {
      const name = basename(file, '.ts');
      const contents = `import { start } from './${START}'; start('${name}');`;
      return build({
        ...programs,
        stdin: { contents, resolveDir: '.' },
        outdir: undefined,
        outfile: `.build/${name}.cjs`,
      });
    }),
    ...alone.map((entryPoint) =>
      build({ ...programs, ...unstarted, entryPoints: [entryPoint], plugins: [withoutNative] }),
    ),
    ...functions().map((name) =>
      build({
        ...common,
        entryPoints: [`lambda/${name}/handler.ts`],
        outfile: `.build/lambda/${name}/handler.js`,
        target: 'node24',
        minify: true,
        // The runtime brings the AWS SDK.
        external: ['@aws-sdk/*'],
        plugins: [withoutNative],
      }),
    ),
  ]);
  results.push(...(await page));
  for (const { path, contents } of results.flatMap(({ outputFiles }) => outputFiles)) put(path, contents);
  const stamp = stampOf(
    '.build',
    sources,
    results.flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  );
  if (stamp) put(`.build/${STAMP}`, Buffer.from(JSON.stringify(stamp)));
}

/** The folders of lambda that are a function; the others hold what functions share. */
function functions() {
  const names = existsSync('lambda') ? readdirSync('lambda') : [];
  return names.filter((name) => existsSync(`lambda/${name}/handler.ts`));
}

/** Never half a file, and none that is as it was: another run may be at work with it. */
function put(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  // Outside the folders of functions, which are deployed as they are found.
  const part = `.build/${PART}${process.pid}`;
  writeFileSync(part, contents);
  renameSync(part, path);
}
