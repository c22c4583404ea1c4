import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CloudFormationServiceException,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Template } from '../../lib/template/template';
import { Children } from '../rehearsal/children';
import { CREDENTIALS, cdkEnvironment } from '../rehearsal/surroundings';
import { startMinistack } from './ministack';

// The gate in a deployment: `cdk deploy` of the first stack into an engine that runs custom resources. One story, in
// order; each step starts where the one before ended.

const REGION = 'us-east-1';
const STACK = 'prod-gate';
const children = new Children();
const folder = mkdtempSync(join(tmpdir(), 'gate-deployment-'));
let endpoint: string;
let cloudFormation: CloudFormationClient;
let parameters: SSMClient;

beforeAll(async () => {
  endpoint = await startMinistack(children);
  const client = { endpoint, region: REGION, credentials: CREDENTIALS };
  cloudFormation = new CloudFormationClient(client);
  parameters = new SSMClient(client);
  const { code, output } = await cdk('bootstrap', '--context', 'env=prod', '--context', 'phase=0');
  if (code !== 0) throw new Error(`bootstrap failed:\n${output}`);
}, 180_000);

afterAll(() => children.stopAll());

test('a new environment begins at phase 0', async () => {
  expect(await climb({ phase: 0 })).toMatchObject({ code: 0 });
  expect(await status()).toBe('CREATE_COMPLETE');
});

test("skipping a migration is refused in the gate's words, and the stack is back where it was", async () => {
  const before = await physicalId();
  const { code, output } = await climb({ phase: 2 });
  expect(code).toBe(1);
  expect(output).toContain('phase 1 moves data and would retire the old before the new has taken over');
  expect(output).toContain('Run instead: npx cdk deploy --all --context env=prod --context phase=1 --context from=0');
  expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await physicalId()).toBe(before);
});

test('the expansion is let through', async () => {
  expect(await climb({ phase: 1, from: 0 })).toMatchObject({ code: 0 });
  expect(await status()).toBe('UPDATE_COMPLETE');
});

test('the contraction is refused until the migration is recorded as verified', async () => {
  const refused = await climb({ phase: 1 });
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('beamstalk move 0-1 finish --env prod');
  expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');

  // As the mover writes it when a move is finished; the database is that of a stack which this story does without.
  const put = (name: string, Value: string) =>
    parameters.send(new PutParameterCommand({ Name: `/beamstalk/prod/${name}`, Value, Type: 'String' }));
  await put('database/endpoint', 'rds.test');
  const begun = Math.floor(Date.now() / 1000);
  await put('database/source', `managed ${begun}.1`);
  const moved = { environment: 'prod', climb: '0-1', source: 'box', target: 'rds.test', begun, epoch: 1 };
  const compared = { tables: 2, rows: 7, digest: 'ab'.repeat(32), verifiedAt: new Date().toISOString() };
  const evidence = { ...moved, ...compared };
  await put('climb/verified/0-1', JSON.stringify(evidence));
  expect(await climb({ phase: 1 })).toMatchObject({ code: 0 });
  expect(await status()).toBe('UPDATE_COMPLETE');
});

test('what is accepted is recorded with the gate, in a deployment that changes nothing else', async () => {
  const entry = { rule: 'data-removed', resource: 'prod-x/Y', reason: 'nobody reads it', until: '2099-12-31' };
  expect(await climb({ phase: 1, accepted: JSON.stringify([entry]) })).toMatchObject({ code: 0 });
  const command = new GetTemplateCommand({ StackName: STACK, TemplateStage: 'Original' });
  const { TemplateBody = '' } = await cloudFormation.send(command);
  const { Resources } = JSON.parse(TemplateBody) as Template;
  expect(Resources['GateClimb66479F7D']?.Properties?.['Accepted']).toEqual([entry]);
});

test('a contraction that failed in a later stack is taken back and made again', async () => {
  expect(await climb({ phase: 1, from: 0 })).toMatchObject({ code: 0 });
  expect(await climb({ phase: 1 })).toMatchObject({ code: 0 });
  expect(await status()).toBe('UPDATE_COMPLETE');
});

test('going down takes the exact climb by name, and leaves a trace', async () => {
  const refused = await climb({ phase: 0 });
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('--context force=1-to-0');
  expect(await climb({ phase: 0, force: '1-to-0' })).toMatchObject({ code: 0 });
  const { Parameters = [] } = await parameters.send(
    new GetParametersByPathCommand({ Path: '/beamstalk/prod/climb/forced' }),
  );
  expect(Parameters.map(({ Value = '' }) => JSON.parse(Value) as unknown)).toMatchObject([{ climb: '1-to-0' }]);
});

test('a gate that was deleted while the environment stands lets nothing through that it would have refused before', async () => {
  const template = { Resources: { Name: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } } } };
  const network = { StackName: 'prod-network', TemplateBody: JSON.stringify(template) };
  await cloudFormation.send(new CreateStackCommand(network));
  // A gate of production is not deleted by a slip.
  await expect(cloudFormation.send(new DeleteStackCommand({ StackName: STACK }))).rejects.toThrow(
    'TerminationProtection',
  );
  await remove(STACK);
  const { code, output } = await climb({ phase: 2 });
  expect(code).toBe(1);
  expect(output).toContain('phase 1 moves data and would retire the old before the new has taken over');
  await remove(STACK);
  await remove(network.StackName);
});

test('the record of an environment that is gone verifies nothing for the next of its name', async () => {
  expect(await climb({ phase: 1, from: 0 })).toMatchObject({ code: 0 });
  const { code, output } = await climb({ phase: 1 });
  expect(code).toBe(1);
  expect(output).toContain('the migration 0-1 is not recorded as verified');
});

async function climb(context: Readonly<Record<string, string | number>>): Promise<{ code: number; output: string }> {
  const settings = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  return cdk('deploy', STACK, '--require-approval', 'never', '--context', 'env=prod', ...settings);
}

async function cdk(...args: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const env = cdkEnvironment(process.env, endpoint, REGION, join(folder, 'cdk-home'));
  const child = children.start('npx', ['cdk', ...args, '--output', join(folder, 'assembly')], {
    env,
    onOutput: (text) => {
      output += text;
    },
  });
  return { code: await child.ended, output };
}

/** Deletes a stack as an administrator does who means it. */
async function remove(StackName: string): Promise<void> {
  const unprotected = { StackName, EnableTerminationProtection: false };
  await cloudFormation.send(new UpdateTerminationProtectionCommand(unprotected));
  await cloudFormation.send(new DeleteStackCommand({ StackName }));
  await expect.poll(() => status(StackName), { timeout: 60_000 }).toBeUndefined();
}

async function status(StackName = STACK): Promise<string | undefined> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return Stacks[0]?.StackStatus;
  } catch (error) {
    if (error instanceof CloudFormationServiceException && error.name === 'ValidationError') return undefined;
    throw error;
  }
}

async function physicalId(): Promise<string | undefined> {
  const LogicalResourceId = 'GateClimb66479F7D';
  const command = new DescribeStackResourceCommand({ StackName: STACK, LogicalResourceId });
  return (await cloudFormation.send(command)).StackResourceDetail?.PhysicalResourceId;
}
