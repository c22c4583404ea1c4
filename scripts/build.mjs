// Bundles the CDK app so that a synth starts without a TypeScript loader. Packages stay outside: they are installed.
import { build } from 'esbuild';

await build({
  entryPoints: ['bin/app.ts'],
  outdir: '.build',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  sourcemap: true,
  define: { 'import.meta.dirname': '__dirname' },
  logLevel: 'warning',
});
