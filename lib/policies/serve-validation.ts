import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import {
  CloudFormationValidatePlugin,
  type PolicyValidationPluginReport,
  type PolicyValidationStack,
} from 'aws-cdk-lib';
import { RootConstruct } from 'constructs';
import phasesHave from './resource-types.json';
import { type ThreadAnswer, type ThreadData, type ThreadRequest, wake } from './validation-thread';

/**
 * The other end of a `ValidationThread`: starts the validator, and validates what it is asked to. It starts for the types that the phases
 * have, which takes as long as for none, and spares the second start that any other set would need: 0.3 s of the 1.5 s that the app of
 * phase 3 takes (two cores, Node.js 20.20.2, 2026-12-01).
 */
export function serveValidation(): void {
  const { port, state } = workerData as ThreadData;
  // Nobody may wait for a thread that has ended, whatever ended it.
  process.once('exit', () => wake(state, 'ended'));
  const validator = new CloudFormationValidatePlugin();
  expectTypes(validator, phasesHave);
  port.on('message', (request: ThreadRequest) => {
    if (request.kind === 'expect') {
      if (request.types.some((type) => !phasesHave.includes(type))) expectTypes(validator, request.types);
      return;
    }
    const report = validate(validator, request.stackTemplates);
    port.postMessage({ report, version: validator.version } satisfies ThreadAnswer);
    wake(state, 'answered');
  });
}

/** The app's constructs stay in the other thread: this plugin reads the files of templates alone. */
function validate(
  validator: CloudFormationValidatePlugin,
  stackTemplates: readonly PolicyValidationStack[],
): PolicyValidationPluginReport {
  return validator.validate({
    stackTemplates: [...stackTemplates],
    templatePaths: stackTemplates.map(({ templatePath }) => templatePath),
    appConstruct: new RootConstruct(),
  });
}

/**
 * The plugin makes its engine anew when a template has a type that those before had not
 * (CloudFormationValidatePlugin.initializeEngine of aws-cdk-lib 2.276.0), and the engine reads the schema of a type when
 * it first meets it. A template with one resource of each type has both done while there is time.
 */
function expectTypes(validator: CloudFormationValidatePlugin, types: readonly string[]): void {
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
