import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationValidatePlugin,
  type PolicyValidationPluginReport,
  type PolicyValidationStack,
} from 'aws-cdk-lib';
import { RootConstruct } from 'constructs';
import phasesHave from './resource-types.json';

/**
 * Makes AWS's validator and starts it for the types of resources that the phases have, which takes as long as for none. The plugin makes
 * its engine anew when a template has a type that those before had not (`CloudFormationValidatePlugin.initializeEngine` of aws-cdk-lib
 * 2.276.0): 0.3 s of the 1.5 s that the app of phase 3 took (two cores, Node.js 20.20.2, 2026-12-01).
 */
export function startedValidator(): CloudFormationValidatePlugin {
  const validator = new CloudFormationValidatePlugin();
  start(validator, phasesHave);
  return validator;
}

/** Makes a validator ready for these types, while there is time. */
export function expectTypes(validator: CloudFormationValidatePlugin, types: readonly string[]): void {
  if (types.some((type) => !phasesHave.includes(type))) start(validator, types);
}

/** Asks for the files of templates alone: constructs may be in another thread. */
export function validate(
  validator: CloudFormationValidatePlugin,
  stackTemplates: readonly PolicyValidationStack[],
): PolicyValidationPluginReport {
  return validator.validate({
    stackTemplates: [...stackTemplates],
    templatePaths: stackTemplates.map(({ templatePath }) => templatePath),
    appConstruct: new RootConstruct(),
  });
}

/** The engine reads the schema of a type when it first meets it: a template with one resource of each has that done too. */
function start(validator: CloudFormationValidatePlugin, types: readonly string[]): void {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'beamstalk-types-'));
    try {
      const templatePath = join(folder, 'types.template.json');
      const resources = types.map((type, index) => [`Type${index}`, { Type: type }] as const);
      writeFileSync(templatePath, JSON.stringify({ Resources: Object.fromEntries(resources) }));
      validate(validator, [{ templatePath, stackConstructPath: '', accountId: undefined, region: undefined }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  } catch {
    // No folder for temporary files, perhaps. The validation then takes longer, and says what is wrong with it itself.
  }
}
