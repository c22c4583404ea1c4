import { App } from 'aws-cdk-lib';
import { buildApp } from '../../lib/app';
import { familiesOf, ratiosNotHeld } from '../../lib/architecture/families';
import { architectureOf } from '../../lib/architecture/phases';
import { type Configuration, readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { orExplain } from '../../lib/config/or-explain';
import { mustSayPhase } from '../../lib/config/said-phase';
import { saidAtSynth } from '../../lib/cost/said-at-synth';
import { validateInThread } from '../../lib/policies/validate-in-thread';
import type { ValidationThread } from '../../lib/policies/validation-thread';
import type { Template } from '../../lib/template/template';

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
    const configuration = readConfiguration(source);
    buildApp(app, configuration);
    if (thread) validateInThread(app, thread);
    // A note too: a fleet may grow for its memory, and the other need not follow.
    for (const note of ratiosNotHeld(familiesOf(architectureOf(configuration)))) say(note);
    // The constructs library synthesises then, and was asked first.
    process.once('beforeExit', () => sayWhatTheBillSays(app, configuration));
  });
}

/** Notes and no warnings: `cdk synth --strict` goes on, and a deployment may be what the budget is raised for. */
function sayWhatTheBillSays(app: App, configuration: Configuration): void {
  // By now this returns what has been synthesised.
  const { stacks } = app.synth();
  const templates = Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template as Template]));
  for (const note of saidAtSynth(configuration, templates)) say(note);
}

function say(note: string): void {
  process.stderr.write(`beamstalk: ${note}\n`);
}
