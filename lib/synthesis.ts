import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type CloudFormationValidatePlugin, Validations } from 'aws-cdk-lib';
import { buildApp } from './app';
import { type Configuration, readConfiguration } from './config/configuration';
import { featureFlags } from './config/feature-flags';
import { isValidated } from './config/is-validated';
import { startedValidator } from './policies/started-validator';
import type { Template, Templates } from './template/template';

export type { Template, TemplateResource, Templates } from './template/template';

/** One configuration, synthesised: stack name -> template, in the order of deployment. */
export interface Synthesis {
  readonly configuration: Configuration;
  readonly templates: Templates;
  /** Region of each stack, by its name. */
  readonly regions: Readonly<Record<string, string>>;
}

export interface SynthesisProps {
  /** Context as `--context` would set it: `env`, `phase`, and any setting by its dotted path. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly directory: string;
  /** Path of cdk.json. */
  readonly cdkJson: string;
}

/** Context that spares what an assembly has besides its templates: a tenth of a synthesis. */
const TEMPLATES_ALONE = {
  // Assets are hashed, which templates hold, but not copied: nobody deploys from here.
  'aws:cdk:disable-asset-staging': true,
  // Metadata of constructs, where each was made among them, which the report of `cdk synth` has.
  'aws:cdk:disable-logicalId-metadata': true,
  'aws:cdk:disable-creation-stack-traces': true,
  '@aws-cdk/core:enableAdditionalMetadataCollection': false,
};

let validator: CloudFormationValidatePlugin | undefined;

/** AWS's validator, for all syntheses of this process: the CDK takes it for its own, which it then does not run besides. */
function sharedValidator(): CloudFormationValidatePlugin {
  validator ??= startedValidator();
  return validator;
}

/**
 * Synthesises in this process, exactly as `cdk synth` would, and leaves nothing behind. AWS's validator runs as it
 * does there, unless the CDK is told otherwise.
 *
 * @throws ConfigurationError when the configuration is not sound.
 * @throws Error named ValidationFailed when a template is not valid; what is wrong has been printed by then.
 */
export function synthesise({ context, directory, cdkJson }: SynthesisProps): Synthesis {
  const configuration = readConfiguration({ context, directory });
  const outdir = mkdtempSync(join(tmpdir(), 'beamstalk-synthesis-'));
  try {
    const app = new App({
      context: { ...featureFlags(cdkJson), ...TEMPLATES_ALONE, ...context },
      outdir,
      analyticsReporting: false,
      // A picture of the tree for consoles: a quarter of the time, and nobody reads it here.
      treeMetadata: false,
      // Traces of where each construct was made are for a report that only the assembly's metadata would carry.
      stackTraces: false,
    });
    buildApp(app, configuration);
    if (isValidated()) Validations.of(app).addPlugins(sharedValidator());
    const { stacks } = app.synth();
    return {
      configuration,
      templates: Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template as Template])),
      regions: Object.fromEntries(stacks.map(({ stackName, environment }) => [stackName, environment.region])),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
