import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type * as Timers from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { FeedProperties, FeedRequest, handler as Handler } from '../../lambda/warehouse-feed/handler';
import type { Progress } from '../../lambda/warehouse-feed/next-invocation';
import { projectPath } from '../../lib/facts/project-path';

// What the tests of the function share: Redshift, Lambda and CloudFormation as one server of HTTP, and a clock of their own.

// The handler as it is deployed: bundled, with the SDK beside it, over HTTP to what stands for AWS.
const load = createRequire(import.meta.url);
export const { handler } = load(projectPath('.build', 'lambda', 'warehouse-feed', 'handler.js')) as {
  handler: typeof Handler;
};
const timers = load('node:timers/promises') as typeof Timers;

export const PROPERTIES: FeedProperties = {
  Label: 'prod-carts',
  SourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/prod-tables-Carts1A2B',
  TargetArn: 'arn:aws:redshift-serverless:us-east-1:000000000000:namespace/11111111-2222-3333-4444-555555555555',
  Description: 'Table carts',
};
export const OTHER_TABLE = { ...PROPERTIES, SourceArn: `${PROPERTIES.SourceArn}-of-later` };

const { Label: _, ...unlabelled } = PROPERTIES;
export const UNLABELLED = unlabelled;

interface StoredIntegration {
  readonly arn: string;
  readonly name: string;
  readonly source: string;
  readonly target: string;
  description: string;
  status: string;
}

/** Time of one invocation, by the clock of the tests: 20 s, and what it keeps for its end. */
export const SHORT = { milliseconds: 30_000 };
/** The same, and time enough in the next. */
export const LONG = { ...SHORT, later: 900_000 };
/** A third of a second by every clock: no pause of the function is needed to come to its end. */
export const AT_ONCE = { milliseconds: 10_300 };

/** Deadlines by the clock of the tests, which a machine that holds a request up does not bring nearer. */
const deadlines: { readonly at: number; readonly end: AbortController }[] = [];
/** Shorter ones are about an answer that does not come, and run by the clock on the wall. */
const ON_THE_WALL_MILLISECONDS = 2000;
const FUNCTION = 'prod-warehouse-feed';

/** What Redshift holds, and how it behaves while one test runs. */
export const redshift = {
  integrations: [] as StoredIntegration[],
  /** What the next calls of an action answer instead of doing anything. */
  faults: {} as Record<string, string[]>,
  /** What a new integration becomes, one state further with each list. */
  afterCreation: [] as string[],
  /** Whether the connection breaks once after an integration was taken. */
  breaks: false,
  silent: false,
};
/** Whether the function may call itself, and what happens when one invocation follows another. */
export const lambda = { refuses: false, betweenInvocations: (): void => undefined };
export const told = {
  answers: [] as Record<string, unknown>[],
  calls: [] as string[],
  /** The requests that the function handed on to itself. */
  handedOn: [] as FeedRequest[],
};

let server: Server;
let address: string;
const environment = { ...process.env };
const VARIABLES = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

/** Starts what stands for AWS and the clock for the tests of a file, and gives each test an empty Redshift. */
export function useRedshift(): void {
  beforeAll(async () => {
    // Pauses take a thousandth of their time, while the clock shows all of it.
    const { setTimeout: wait } = timers;
    vi.useFakeTimers({ toFake: ['Date'] });
    const onTheWall = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      if (milliseconds < ON_THE_WALL_MILLISECONDS) return onTheWall(milliseconds);
      const end = new AbortController();
      deadlines.push({ at: Date.now() + milliseconds, end });
      return end.signal;
    });
    vi.spyOn(timers, 'setTimeout').mockImplementation(async (milliseconds = 0, value, options) => {
      vi.setSystemTime(Date.now() + milliseconds);
      for (const { at, end } of deadlines) if (at <= Date.now()) end.abort();
      return wait(milliseconds / 1000, value, options);
    });
    server = createServer((request, response) => {
      void text(request).then((body) => {
        if (request.method === 'PUT') {
          told.answers.push(JSON.parse(body) as Record<string, unknown>);
          return response.end();
        }
        if (request.url?.includes('/functions/')) {
          if (lambda.refuses) return response.writeHead(403).end('{"Message":"no"}');
          expect(request.url).toContain(`/functions/${FUNCTION}/invocations`);
          expect(request.headers['x-amz-invocation-type']).toBe('Event');
          told.handedOn.push(JSON.parse(body) as FeedRequest);
          return response.writeHead(202).end();
        }
        if (redshift.silent) return undefined;
        const asked = new URLSearchParams(body);
        const action = asked.get('Action') ?? '';
        told.calls.push(action);
        const fault = redshift.faults[action]?.shift() ?? perform(action, asked);
        if (action === 'CreateIntegration' && redshift.breaks) {
          redshift.breaks = false;
          return response.destroy();
        }
        response.setHeader('content-type', 'text/xml');
        if (fault !== undefined) return response.writeHead(400).end(faultOf(fault));
        return response.end(answerTo(action, asked));
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
    vi.mocked(timers.setTimeout).mockRestore();
    vi.mocked(AbortSignal.timeout).mockRestore();
    vi.useRealTimers();
    server.closeAllConnections();
    server.close();
    for (const name of VARIABLES) {
      const before = environment[name];
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  });

  beforeEach(() => {
    deadlines.length = 0;
    Object.assign(redshift, { integrations: [], faults: {}, afterCreation: [], breaks: false, silent: false });
    Object.assign(lambda, { refuses: false, betweenInvocations: () => undefined });
    Object.assign(told, { answers: [], calls: [], handedOn: [] });
  });
}

export const STACK =
  'arn:aws:cloudformation:us-east-1:000000000000:stack/prod-warehouse/11111111-2222-3333-4444-555555555555';

interface Asked {
  readonly id?: string;
  readonly old?: FeedProperties;
  readonly milliseconds?: number;
  /** Of the invocations after the first. */
  readonly later?: number;
  readonly progress?: Progress;
}

/** @returns the one answer that CloudFormation gets. */
export async function ask(
  RequestType: FeedRequest['RequestType'],
  properties: FeedRequest['ResourceProperties'] = PROPERTIES,
  asked: Asked = {},
): Promise<Record<string, unknown> & { readonly PhysicalResourceId: string }> {
  Object.assign(told, { answers: [], handedOn: [] });
  await deliver(RequestType, properties, asked);
  expect(told.answers).toHaveLength(1);
  const [answer = {}] = told.answers;
  return { ...answer, PhysicalResourceId: String(answer['PhysicalResourceId']) };
}

export async function deliver(
  RequestType: FeedRequest['RequestType'],
  ResourceProperties: FeedRequest['ResourceProperties'] = PROPERTIES,
  { id, old = PROPERTIES, milliseconds = 900_000, later = milliseconds, progress }: Asked = {},
): Promise<void> {
  const request: FeedRequest = {
    RequestType,
    ResponseURL: `${address}/answer?signature=x`,
    StackId: STACK,
    RequestId: 'request-1',
    LogicalResourceId: 'Feed',
    ...(id !== undefined && { PhysicalResourceId: id }),
    ResourceProperties,
    ...(RequestType === 'Update' && { OldResourceProperties: old }),
    ...(progress && { Progress: progress }),
  };
  const context = (left: number) => ({ functionName: FUNCTION, getRemainingTimeInMillis: () => left });
  const before = told.handedOn.length;
  await handler(request, context(milliseconds));
  for (let index = before; index < told.handedOn.length; index++) {
    lambda.betweenInvocations();
    await handler({ ...request, ...told.handedOn[index] }, context(later));
  }
}

export function callsOf(action: string): string[] {
  return told.calls.filter((call) => call === action);
}

export function theOne(): StoredIntegration {
  const [integration, ...more] = redshift.integrations;
  if (integration === undefined || more.length > 0) throw new Error(`${more.length} integrations too many, or none`);
  return integration;
}

let made = 0;

/** Does what is asked. @returns the fault, if it is one. */
function perform(action: string, asked: URLSearchParams): string | undefined {
  const { integrations } = redshift;
  const of = (key: string): string => asked.get(key) ?? '';
  if (action === 'DescribeIntegrations') {
    redshift.integrations = integrations.filter(({ status }) => status !== 'gone');
    return undefined;
  }
  if (action === 'CreateIntegration') {
    const [name, source, target] = [of('IntegrationName'), of('SourceArn'), of('TargetArn')];
    if (integrations.some((other) => other.name === name)) return 'IntegrationAlreadyExistsFault';
    const arn = `arn:aws:redshift:us-east-1:000000000000:integration:${made++}`;
    integrations.push({ arn, name, source, target, description: of('Description'), status: 'creating' });
    return undefined;
  }
  const found = integrations.find(({ arn }) => arn === of('IntegrationArn'));
  if (found === undefined) return 'IntegrationNotFoundFault';
  if (action === 'ModifyIntegration') found.description = of('Description');
  if (action === 'DeleteIntegration') found.status = 'deleting';
  return undefined;
}

function answerTo(action: string, asked: URLSearchParams): string {
  const result = action === 'DescribeIntegrations' ? `<Integrations>${list()}</Integrations>` : one(asked);
  return `<${action}Response xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><${action}Result>${result}</${action}Result></${action}Response>`;
}

function list(): string {
  for (const integration of redshift.integrations) {
    if (integration.status === 'creating') integration.status = redshift.afterCreation.shift() ?? 'active';
  }
  const listed = redshift.integrations.map((integration) => `<Integration>${fieldsOf(integration)}</Integration>`);
  for (const integration of redshift.integrations) {
    if (integration.status === 'deleting') integration.status = 'gone';
  }
  return listed.join('');
}

function one(asked: URLSearchParams): string {
  const found = redshift.integrations.find(
    ({ arn, name }) => arn === asked.get('IntegrationArn') || name === asked.get('IntegrationName'),
  );
  return found ? fieldsOf(found) : '';
}

function fieldsOf({ arn, name, source, target, description, status }: StoredIntegration): string {
  const errors =
    status === 'failed'
      ? '<Errors><IntegrationError><ErrorCode>E42</ErrorCode><ErrorMessage>no export</ErrorMessage></IntegrationError></Errors>'
      : '';
  return `<IntegrationArn>${arn}</IntegrationArn><IntegrationName>${name}</IntegrationName><SourceArn>${source}</SourceArn><TargetArn>${target}</TargetArn><Description>${description}</Description><Status>${status}</Status>${errors}`;
}

function faultOf(code: string): string {
  return `<ErrorResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>said so</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
