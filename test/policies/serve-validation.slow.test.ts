import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, aws_iam as iam, aws_rds as rds, Stack, Validations } from 'aws-cdk-lib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import phasesHave from '../../lib/policies/resource-types.json';
import { validateInThread } from '../../lib/policies/validate-in-thread';
import { ValidationThread } from '../../lib/policies/validation-thread';
import { cdkContext } from '../cdk-context';

beforeAll(() => {
  vi.stubEnv('CDK_VALIDATION', undefined);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

/** Type that the validator does not start for, with a property that it must have. */
const NO_PHASE_HAS = 'AWS::AppSync::ApiKey';

/** Synthesises two stacks with errors, warnings and an acknowledged finding; returns the report, word for word. */
function report(prepare: (app: App) => void): string {
  const outdir = mkdtempSync(join(tmpdir(), 'serve-validation-'));
  const app = new App({ context: cdkContext(), outdir, analyticsReporting: false, stackTraces: false });
  for (const [name, region] of [
    ['one', 'us-east-1'],
    ['two', 'eu-west-1'],
  ] as const) {
    const stack = new Stack(app, name, { env: { region } });
    const [storageEncrypted, dbInstanceClass] = [true, 'db.t4g.micro'];
    new rds.CfnDBInstance(stack, 'Replica', {
      sourceDbInstanceIdentifier: 'writer',
      storageEncrypted,
      dbInstanceClass,
    });
    new CfnResource(stack, 'Other', { type: NO_PHASE_HAS });
    const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*', Principal: '*' };
    new iam.CfnManagedPolicy(stack, 'Policy', { policyDocument: { Version: '2012-10-17', Statement: [statement] } });
  }
  Validations.of(app.node.findChild('two')).acknowledge({ id: 'CloudFormation-Validate::E3510', reason: 'a reason' });
  prepare(app);
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(() => app.synth()).toThrow('F3020');
  said.mockRestore();
  return readFileSync(join(outdir, 'validation-report.json'), 'utf8');
}

test('a thread finds what the validator of the CDK finds, and reports it in the same words', () => {
  const program = join(import.meta.dirname, '..', '..', '.build', 'validation.cjs');
  const thread = new ValidationThread(program);
  // Made on one line: the report says where the acknowledgement was.
  const [there = '', here] = [(app: App) => validateInThread(app, thread), () => undefined].map(report);
  expect(there).toBe(here);
  expect(phasesHave).not.toContain(NO_PHASE_HAS);
  expect(there).toContain('one/Other');
  const [{ violations, suppressedViolations }] = JSON.parse(there).pluginReports;
  expect(violations.length).toBeGreaterThan(1);
  expect(suppressedViolations).toHaveLength(1);
});
