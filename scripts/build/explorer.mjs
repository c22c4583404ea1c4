// The script and style of the page that `beamstalk explore` writes: the modules of bill and capacity as they are, for browsers.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = 'lib/commands/explore/page';

/**
 * Bundles both into a folder, without writing them: `outputFiles` and `metafile` are of the script and the style. None in a
 * project without the page, such as the empty app of the bench.
 */
export async function explorer(folder) {
  if (!existsSync(FOLDER)) return [];
  const common = { bundle: true, minify: true, write: false, metafile: true, logLevel: 'warning', outdir: folder };
  return Promise.all([
    build({
      ...common,
      entryPoints: [{ in: `${FOLDER}/main.ts`, out: 'page' }],
      platform: 'browser',
      format: 'iife',
      target: 'es2022',
      banner: { js: notices(['@observablehq/plot', 'd3']) },
      // Text of a page that says its own encoding.
      charset: 'utf8',
    }),
    build({ ...common, entryPoints: [`${FOLDER}/page.css`], target: 'es2022' }),
  ]);
}

/** The licences of what is bundled, which ask to be in every copy. */
function notices(packages) {
  const require = createRequire(join(process.cwd(), 'package.json'));
  let from = require;
  const texts = packages.map((name) => {
    const entry = from.resolve(name);
    from = createRequire(entry);
    return `${name}\n${readFileSync(join(rootOf(entry, name), 'LICENSE'), 'utf8').trim()}`;
  });
  return `/*!\n${texts.join('\n\n')}\n*/`;
}

function rootOf(entry, name) {
  let folder = dirname(entry);
  while (!folder.endsWith(join('node_modules', name))) folder = dirname(folder);
  return folder;
}
