import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';
import type { GateEvent, GateProperties, handler as Handler } from './handler';

// The handler as it is deployed: bundled, with the SDK beside it, over HTTP to what stands for AWS.
const { handler } = createRequire(import.meta.url)(projectPath('.build', 'lambda', 'phase-gate', 'handler.js')) as {
  handler: typeof Handler;
};

const STACK = 'arn:aws:cloudformation:us-east-1:000000000000:stack/prod-gate/11111111-2222-3333-4444-555555555555';

/** What AWS knows and what it was told, while one test runs. */
const BORN = Date.parse('2026-11-21T00:00:00Z') / 1000;
const aws = {
  status: 'UPDATE_IN_PROGRESS',
  verified: [] as string[],
  /** When the records were written, in seconds; the stack was created at BORN. */
  recorded: BORN + 60,
  silent: false,
  lostAnswers: 0,
};
const told: { answers: Record<string, unknown>[]; parameters: Record<string, unknown>[]; calls: string[] } = {
  answers: [],
  parameters: [],
  calls: [],
};

let server: Server;
let address: string;
const environment = { ...process.env };

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.method === 'PUT') {
        if (aws.lostAnswers-- > 0) return response.writeHead(500).end();
        told.answers.push(JSON.parse(body) as Record<string, unknown>);
        return response.end();
      }
      if (aws.silent) return undefined;
      const target = String(request.headers['x-amz-target'] ?? new URLSearchParams(body).get('Action'));
      told.calls.push(target);
      if (target === 'DescribeStacks') {
        response.setHeader('content-type', 'text/xml');
        return response.end(describeStacks(aws.status));
      }
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (target === 'AmazonSSM.PutParameter') {
        told.parameters.push(JSON.parse(body) as Record<string, unknown>);
        return response.end('{"Version":1}');
      }
      const { Path } = JSON.parse(body) as { Path: string };
      const LastModifiedDate = aws.recorded;
      const Parameters = aws.verified.map((climb) => ({ Name: `${Path}/${climb}`, LastModifiedDate }));
      return response.end(JSON.stringify({ Parameters }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://localhost:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: address,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    const before = environment[name];
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
});

afterEach(() => {
  Object.assign(aws, {
    status: 'UPDATE_IN_PROGRESS',
    verified: [],
    recorded: BORN + 60,
    silent: false,
    lostAnswers: 0,
  });
  Object.assign(told, { answers: [], parameters: [], calls: [] });
});

describe('CloudFormation gets one answer', () => {
  test('to a creation at any phase, without a call to AWS', async () => {
    await ask('Create', { Phase: '3' });
    expect(told.answers).toEqual([
      expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'beamstalk-phase-gate' }),
    ]);
    expect(told.calls).toEqual([]);
  });

  test('to a deletion', async () => {
    await ask('Delete', { Phase: '3' });
    expect(told.answers).toEqual([expect.objectContaining({ Status: 'SUCCESS' })]);
  });

  test('that names what it was asked', async () => {
    await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
    expect(told.answers[0]).toMatchObject({
      StackId: STACK,
      RequestId: 'request-1',
      LogicalResourceId: 'GateClimb',
      PhysicalResourceId: 'beamstalk-phase-gate',
    });
  });

  test('the same one when it asks twice', async () => {
    await ask('Update', { Phase: '1' }, { Phase: '0' });
    await ask('Update', { Phase: '1' }, { Phase: '0' });
    expect(told.answers).toHaveLength(2);
    expect(told.answers[1]).toEqual(told.answers[0]);
  });

  test('again when the first was lost', async () => {
    aws.lostAnswers = 1;
    await ask('Create', { Phase: '0' });
    expect(told.answers).toHaveLength(1);
  });

  test('a refusal when AWS does not answer in time', async () => {
    aws.silent = true;
    const started = Date.now();
    await ask('Update', { Phase: '1' }, { Phase: '0' }, 5300);
    expect(Date.now() - started).toBeLessThan(3000);
    expect(told.answers).toEqual([
      expect.objectContaining({ Status: 'FAILED', Reason: expect.stringContaining('AWS did not answer in time') }),
    ]);
  });
});

describe('an update', () => {
  test('that expands is let through', async () => {
    await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('that skips a migration is refused with what to run instead', async () => {
    await ask('Update', { Phase: '2' }, { Phase: '0' });
    expect(told.answers[0]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('npx cdk deploy --all --context env=prod --context phase=1 --context from=0'),
    });
  });

  test('that contracts is refused until the migration is recorded as verified', async () => {
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('/beamstalk/prod/climb/verified/0-1'),
    });
    aws.verified = ['0-1'];
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[1]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('that gives up an expansion is let through while nothing has moved, and refused after', async () => {
    await ask('Update', { Phase: '0' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'SUCCESS' });
    aws.verified = ['0-1'];
    await ask('Update', { Phase: '0' }, { Phase: '1', From: '0' });
    expect(told.answers[1]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('0-1') });
  });

  test('that contracts is refused when the record is older than this environment', async () => {
    Object.assign(aws, { verified: ['0-1'], recorded: BORN - 60 });
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('/beamstalk/prod/climb/verified/0-1'),
    });
    // Nor does it stand in the way of an expansion.
    await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
    expect(told.answers[1]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('that takes a contraction back, which failed further on, is let through', async () => {
    await ask('Update', { Phase: '1', From: '0' }, { Phase: '1' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
    aws.verified = ['0-1'];
    await ask('Update', { Phase: '1', From: '0' }, { Phase: '1' });
    expect(told.answers[1]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('to what is no phase is refused', async () => {
    await ask('Update', { Phase: 'three' }, { Phase: '2' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('three') });
  });

  test('that goes down is refused, but never one that CloudFormation takes back', async () => {
    await ask('Update', { Phase: '2' }, { Phase: '3' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
    aws.status = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await ask('Update', { Phase: '2' }, { Phase: '3' });
    expect(told.answers[1]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('that is forced by name is let through and leaves a trace', async () => {
    await ask('Update', { Phase: '2', Force: '3-to-1' }, { Phase: '3' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
    expect(told.parameters).toEqual([]);
    await ask('Update', { Phase: '2', Force: '3-to-2' }, { Phase: '3' });
    expect(told.answers[1]).toMatchObject({ Status: 'SUCCESS' });
    expect(told.parameters).toEqual([
      expect.objectContaining({
        Name: '/beamstalk/prod/climb/forced',
        Value: expect.stringContaining('"climb":"3-to-2"'),
      }),
    ]);
  });
});

async function ask(
  RequestType: GateEvent['RequestType'],
  properties: Omit<GateProperties, 'Environment'>,
  old?: Omit<GateProperties, 'Environment'>,
  remainingMilliseconds = 60_000,
): Promise<void> {
  const event: GateEvent = {
    RequestType,
    ResponseURL: `${address}/answer?signature=x`,
    StackId: STACK,
    RequestId: 'request-1',
    LogicalResourceId: 'GateClimb',
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'beamstalk-phase-gate' }),
    ResourceProperties: { Environment: 'prod', ...properties },
    ...(old && { OldResourceProperties: { Environment: 'prod', ...old } }),
  };
  await handler(event, { getRemainingTimeInMillis: () => remainingMilliseconds });
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function describeStacks(status: string): string {
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
    <member><StackName>prod-gate</StackName><CreationTime>2026-11-21T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus></member>
  </Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}
