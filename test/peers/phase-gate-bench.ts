import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { GateEvent, GateProperties, handler as Handler } from '../../lambda/phase-gate/handler';
import { projectPath } from '../../lib/facts/project-path';

// What the tests of the function share: CloudFormation, Parameter Store and who waits for the answer, as one server of HTTP.

// The handler as it is deployed: bundled, with the SDK beside it, over HTTP to what stands for AWS.
export const { handler } = createRequire(import.meta.url)(
  projectPath('.build', 'lambda', 'phase-gate', 'handler.js'),
) as {
  handler: typeof Handler;
};

export const STACK =
  'arn:aws:cloudformation:us-east-1:000000000000:stack/prod-gate/11111111-2222-3333-4444-555555555555';

/** What AWS knows and what it was told, while one test runs. */
export const BORN = Date.parse('2026-11-21T00:00:00Z') / 1000;
export const aws = {
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
export const told: { answers: Record<string, unknown>[]; parameters: Record<string, unknown>[]; calls: string[] } = {
  answers: [],
  parameters: [],
  calls: [],
};

let server: Server;
let address: string;
const environment = { ...process.env };

/** Starts what stands for AWS for the tests of a file, and has it forget after each test. */
export function useGate(): void {
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
}

export async function ask(
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
