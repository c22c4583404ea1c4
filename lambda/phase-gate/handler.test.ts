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
  /** What the records hold. */
  value: '2026-11-21T00:01:00Z',
  /** What the gate recorded of the environment. */
  state: undefined as string | undefined,
  /** Whether the network of the environment stands. */
  network: false,
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
        const name = new URLSearchParams(body).get('StackName') ?? '';
        if (name.endsWith('-network') && !aws.network) return response.writeHead(400).end(noStack(name));
        return response.end(describeStacks(aws.status));
      }
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (target === 'AmazonSSM.PutParameter') {
        const parameter = JSON.parse(body) as Record<string, unknown>;
        told.parameters.push(parameter);
        if (String(parameter['Name']).endsWith('/state')) aws.state = String(parameter['Value']);
        return response.end('{"Version":1}');
      }
      if (target === 'AmazonSSM.GetParameter') {
        if (aws.state !== undefined) return response.end(JSON.stringify({ Parameter: { Value: aws.state } }));
        return response.writeHead(400).end('{"__type":"ParameterNotFound"}');
      }
      const { Path } = JSON.parse(body) as { Path: string };
      const LastModifiedDate = aws.recorded;
      const Parameters = aws.verified.map((climb) => ({
        Name: `${Path}/${climb}`,
        Value: aws.value,
        LastModifiedDate,
      }));
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
    value: '2026-11-21T00:01:00Z',
    state: undefined,
    network: false,
    recorded: BORN + 60,
    silent: false,
    lostAnswers: 0,
  });
  Object.assign(told, { answers: [], parameters: [], calls: [] });
});

describe('CloudFormation gets one answer', () => {
  test('to the creation of a new environment at any phase, which is recorded', async () => {
    await ask('Create', { Phase: '3' });
    expect(told.answers).toEqual([
      expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: 'beamstalk-phase-gate' }),
    ]);
    expect(JSON.parse(aws.state ?? '')).toMatchObject({ phase: 3, at: expect.stringMatching(/Z$/) });
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
    expect(told.parameters).toContainEqual(
      expect.objectContaining({
        Name: expect.stringMatching(/^\/beamstalk\/prod\/climb\/forced\/\d{8}T\d+Z$/),
        Value: expect.stringContaining('"climb":"3-to-2"'),
      }),
    );
    // A trace is written once, under a name of its own.
    expect(told.parameters.find(({ Name }) => String(Name).includes('/forced/'))).not.toHaveProperty('Overwrite', true);
  });
});

describe('a gate that was deleted and is created anew', () => {
  test('refuses what the one before would have refused', async () => {
    await ask('Create', { Phase: '1', From: '0' });
    aws.network = true;
    await ask('Create', { Phase: '1' });
    expect(told.answers[1]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('verified/0-1') });
    await ask('Create', { Phase: '3' });
    expect(told.answers[2]).toMatchObject({ Status: 'FAILED' });
    await ask('Create', { Phase: '1', From: '0' });
    expect(told.answers[3]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('asks how far the environment is when that is not recorded', async () => {
    aws.network = true;
    await ask('Create', { Phase: '3' });
    expect(told.answers[0]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/gate of prod was deleted.*put-parameter.*\/beamstalk\/prod\/climb\/state/),
    });
    aws.state = '{"phase":3}';
    await ask('Create', { Phase: '3' });
    expect(told.answers[1]).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each(['three', '{"phase":9}', '{"phase":"3"}', '[]', ''])('does not go by a record of %j', async (state) => {
    Object.assign(aws, { network: true, state });
    await ask('Create', { Phase: '3' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
  });
});

describe('a record of a verification', () => {
  test.each(['rehearsed', 'yes', '', 'true', '2026-11-21', '2126-11-21T00:00:00Z'])(
    'that holds %j counts for nothing',
    async (value) => {
      Object.assign(aws, { verified: ['0-1'], value });
      await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
      expect(told.answers[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('not recorded') });
    },
  );

  test('from before the expansion counts for nothing', async () => {
    Object.assign(aws, { verified: ['0-1'], recorded: BORN + 60 });
    aws.state = JSON.stringify({ phase: 1, from: 0, at: new Date((BORN + 3600) * 1000).toISOString() });
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
    // The same value put anew is no newer.
    aws.recorded = BORN + 7200;
    for (const value of ['2026-11-21T00:01:00Z', '2026-11-21T00:54:00Z', '2016-01-01T00:00:00Z']) {
      aws.value = value;
      await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
      expect(told.answers.at(-1)).toMatchObject({
        Status: 'FAILED',
        Reason: expect.stringMatching(/since its expansion began.*--value "\$\(date -u \+%FT%TZ\)"/),
      });
    }
    aws.value = '2026-11-21T01:00:00Z';
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers.at(-1)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('from before the environment was made counts for nothing, though it was put there later', async () => {
    Object.assign(aws, { verified: ['0-1'], recorded: BORN + 60, value: '2026-11-20T00:00:00Z' });
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
  });
});

test('what was verified in an expansion stays verified when a failed contraction goes back to it', async () => {
  await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
  Object.assign(aws, { verified: ['0-1'], value: new Date().toISOString(), recorded: Date.now() / 1000 + 1 });
  for (const [after, before] of [
    [{ Phase: '1' }, { Phase: '1', From: '0' }],
    [{ Phase: '1', From: '0' }, { Phase: '1' }],
    [{ Phase: '1' }, { Phase: '1', From: '0' }],
  ] as const) {
    await ask('Update', after, before);
  }
  expect(told.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS']);
});

test('an expansion that was given up and begun anew asks for a verification of its own', async () => {
  await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
  const first = JSON.parse(aws.state ?? '') as { at: string };
  await ask('Update', { Phase: '0' }, { Phase: '1', From: '0' });
  await new Promise((later) => setTimeout(later, 5));
  await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
  const second = JSON.parse(aws.state ?? '') as { at: string };
  expect(second.at > first.at).toBe(true);
});

test('a state is recorded once, with the time at which it began', async () => {
  await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
  const first = aws.state;
  await ask('Update', { Phase: '1', From: '0' }, { Phase: '1', From: '0' });
  expect(aws.state).toBe(first);
  expect(told.parameters).toHaveLength(1);
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

function noStack(name: string): string {
  return `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
    <Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
}
