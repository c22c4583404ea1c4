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
  /** Records of verifications, by the names below `climb/verified/`. */
  records: {} as Record<string, string>,
  /** Other parameters, by their names below the environment. */
  parameters: {} as Record<string, string>,
  /** What the gate recorded of the environment. */
  state: undefined as string | undefined,
  /** Whether the network of the environment stands. */
  network: false,
  /** ARNs of who wrote parameters, by the end of their names, and '' where nobody is named; left out, the mover. */
  writers: {} as Record<string, string>,
  /** When the records were written, in seconds; the stack was created at BORN. */
  recorded: BORN + 60,
  silent: false,
  lostAnswers: 0,
};
/** Record of a move out of the box that was verified, as the mover writes it. */
export function record(differences: Readonly<Record<string, unknown>> = {}): string {
  const number = { begun: BORN + 30, epoch: 1 };
  const evidence = { ...number, tables: 2, rows: 7, digest: 'ab'.repeat(32), verifiedAt: '2026-11-21T00:01:00Z' };
  const moved = { environment: 'prod', climb: '0-1', source: 'box', target: 'rds.test', ...evidence };
  return JSON.stringify({ ...moved, ...differences });
}

/** Has the data of the box moved, as far as parameters say. */
export function move(differences: Readonly<Record<string, unknown>> = {}): void {
  aws.records['0-1'] = record(differences);
  Object.assign(aws.parameters, {
    'database/endpoint': 'rds.test',
    'database/source': `managed ${Number(differences['begun'] ?? BORN + 30)}.1`,
  });
}

const SESSION = 'arn:aws:sts::000000000000:assumed-role/prod-app-MoverRole';
/** Mover of before, whose session has another name. */
const BEFORE = `${SESSION}/i-00000000000000001`;
export const MOVER = `${SESSION}/i-00000000000000002`;
export const OPERATOR = 'arn:aws:sts::000000000000:assumed-role/Administrator/someone@example.com';

/** Versions of a parameter: a person's, and one of the mover, before that of now. */
function history(name: string): object[] {
  const now = aws.writers[name] ?? (name.endsWith('/source') ? BEFORE : MOVER);
  const versions = [
    { Version: 1, LastModifiedUser: OPERATOR },
    { Version: 2, LastModifiedUser: MOVER },
  ];
  return [...versions, { Version: 3, ...(now !== '' && { LastModifiedUser: now }) }];
}

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
        if (target === 'AmazonSSM.GetParameterHistory') {
          const { Name } = JSON.parse(body) as { Name: string };
          return response.end(JSON.stringify({ Parameters: history(Name.replace('/beamstalk/prod/', '')) }));
        }
        const { Path, Names = [] } = JSON.parse(body) as { Path: string; Names?: readonly string[] };
        if (target === 'AmazonSSM.GetParameters') {
          // As AWS, which refuses the call.
          if (Names.length > 10) return response.writeHead(400).end('{"__type":"ValidationException"}');
          const Parameters = Names.flatMap((Name) => {
            const Value = aws.parameters[Name.replace('/beamstalk/prod/', '')];
            return Value === undefined ? [] : [{ Name, Value }];
          });
          return response.end(JSON.stringify({ Parameters }));
        }
        const LastModifiedDate = aws.recorded;
        const Parameters = Object.entries(aws.records).map(([name, Value]) => ({
          Name: `${Path}/${name}`,
          Value,
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
      records: {},
      parameters: {},
      state: undefined,
      network: false,
      recorded: BORN + 60,
      writers: {},
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
