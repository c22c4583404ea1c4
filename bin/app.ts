import { App } from 'aws-cdk-lib';
import { buildApp } from '../lib/app';
import { readConfiguration } from '../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../lib/config/directory';
import { orExplain } from '../lib/config/or-explain';

orExplain(() => {
  const app = new App();
  buildApp(app, readConfiguration({ context: app.node.getAllContext(), directory: CONFIGURATION_DIRECTORY }));
});
