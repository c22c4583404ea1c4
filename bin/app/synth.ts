import { App } from 'aws-cdk-lib';
import { buildApp } from '../../lib/app';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { orExplain } from '../../lib/config/or-explain';
import { mustSayPhase } from '../../lib/config/said-phase';
import { validateInThread } from '../../lib/policies/validate-in-thread';
import type { ValidationThread } from '../../lib/policies/validation-thread';

/** Builds the app that the CDK asks for, which then synthesises by itself as this program ends. */
export function synth(thread: ValidationThread | undefined): void {
  orExplain(() => {
    const app = new App({
      // No picture of the tree for consoles: a quarter of the app's time (tests of 2026-11-21).
      treeMetadata: false,
      // Props of constructs are collected for the version report, which cdk.json turns off.
      postCliContext: { '@aws-cdk/core:enableAdditionalMetadataCollection': false },
    });
    const source = { context: app.node.getAllContext(), directory: CONFIGURATION_DIRECTORY };
    mustSayPhase(source);
    buildApp(app, readConfiguration(source));
    if (thread) validateInThread(app, thread);
  });
}
