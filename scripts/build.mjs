// Bundles what runs: the CDK app and the command line, so that they start without a TypeScript loader, and each Lambda
// function as it is deployed. Type-checking is `npm run typecheck`, not part of a synth.
import { isBuilt } from './build/stamp.mjs';

if (!isBuilt('.build')) {
  // The bundler is loaded for this alone.
  const { bundle } = await import('./build/bundle.mjs');
  await bundle();
}
