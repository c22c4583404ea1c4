// Bundles what runs: the CDK app and the command line, so that they start without a TypeScript loader, and each Lambda
// function as it is deployed. Type-checking is `npm run typecheck`, not part of a synth.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const common = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning' };

// Lambda takes a lone .js file for CommonJS, as this makes Node.js do here, where the project says module.
mkdirSync('.build/lambda', { recursive: true });
writeFileSync('.build/lambda/package.json', '{ "type": "commonjs" }\n');

await Promise.all([
  build({
    ...common,
    entryPoints: ['bin/app.ts', 'bin/beamstalk.ts'],
    outdir: '.build',
    outExtension: { '.js': '.cjs' },
    target: 'node20',
    // Packages stay outside: they are installed.
    packages: 'external',
    sourcemap: true,
    define: { 'import.meta.dirname': '__dirname' },
  }),
  ...readdirSync('lambda').map((name) =>
    build({
      ...common,
      entryPoints: [`lambda/${name}/handler.ts`],
      outfile: `.build/lambda/${name}/handler.js`,
      target: 'node24',
      minify: true,
      // The runtime brings the AWS SDK.
      external: ['@aws-sdk/*'],
    }),
  ),
]);
