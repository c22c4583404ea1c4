import { App } from 'aws-cdk-lib';
import { buildApp } from '../lib/app';
import { readConfiguration } from '../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../lib/config/directory';
import { orExplain } from '../lib/config/or-explain';
import { mustSayPhase } from '../lib/config/said-phase';

orExplain(() => {
  // No picture of the tree for consoles: a quarter of the app's time (tests of 2026-11-21).
  const app = new App({ treeMetadata: false });
  const source = { context: app.node.getAllContext(), directory: CONFIGURATION_DIRECTORY };
  mustSayPhase(source);
  buildApp(app, readConfiguration(source));
});
