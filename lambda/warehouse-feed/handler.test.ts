import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type * as Timers from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';
import type { FeedProperties, FeedRequest, handler as Handler } from './handler';
import { MOST_INVOCATIONS, type Progress, REQUEST_MILLISECONDS } from './next-invocation';

// The handler as it is deployed: bundled, with the SDK beside it, over HTTP to what stands for AWS.
const load = createRequire(import.meta.url);
const { handler } = load(projectPath('.build', 'lambda', 'warehouse-feed', 'handler.js')) as {
  handler: typeof Handler;
};
const timers = load('node:timers/promises') as typeof Timers;

const PROPERTIES: FeedProperties = {
  Label: 'prod-carts',
  SourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/prod-tables-Carts1A2B',
  TargetArn: 'arn:aws:redshift-serverless:us-east-1:000000000000:namespace/11111111-2222-3333-4444-555555555555',
  Description: 'Table carts',
};
const OTHER_TABLE = { ...PROPERTIES, SourceArn: `${PROPERTIES.SourceArn}-of-later` };

const { Label: _, ...UNLABELLED } = PROPERTIES;

interface StoredIntegration {
  readonly arn: string;
  readonly name: string;
  readonly source: string;
  readonly target: string;
  description: string;
  status: string;
}

/** Time of one invocation, by the clock of the tests: 20 s, and what it keeps for its end. */
const SHORT = { milliseconds: 30_000 };
/** The same, and time enough in the next. */
const LONG = { ...SHORT, later: 900_000 };
/** A third of a second by every clock: no pause of the function is needed to come to its end. */
const AT_ONCE = { milliseconds: 10_300 };

/** Deadlines by the clock of the tests, which a machine that holds a request up does not bring nearer. */
const deadlines: { readonly at: number; readonly end: AbortController }[] = [];
/** Shorter ones are about an answer that does not come, and run by the clock on the wall. */
const ON_THE_WALL_MILLISECONDS = 2000;
const FUNCTION = 'prod-warehouse-feed';

/** What Redshift holds, and how it behaves while one test runs. */
const redshift = {
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
const lambda = { refuses: false, betweenInvocations: (): void => undefined };
const told = {
  answers: [] as Record<string, unknown>[],
  calls: [] as string[],
  /** The requests that the function handed on to itself. */
  handedOn: [] as FeedRequest[],
};

let server: Server;
let address: string;
const environment = { ...process.env };
const VARIABLES = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

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

describe('a creation', () => {
  test('makes the integration and tells its ARN, and whose answer it is', async () => {
    const answer = await ask('Create');
    expect(redshift.integrations).toEqual([
      expect.objectContaining({
        name: expect.stringMatching(/^prod-carts-[0-9a-f]{8}$/),
        source: PROPERTIES.SourceArn,
        target: PROPERTIES.TargetArn,
        description: 'Table carts',
      }),
    ]);
    expect(answer).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: theOne().arn,
      StackId: STACK,
      RequestId: 'request-1',
      LogicalResourceId: 'Feed',
    });
  });

  test('waits until it is made', async () => {
    redshift.afterCreation = ['creating', 'active'];
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(theOne().status).toBe('active');
  });

  test('that comes twice makes one, and gets the same answer', async () => {
    const first = await ask('Create');
    expect(await ask('Create')).toEqual(first);
    expect(redshift.integrations).toHaveLength(1);
  });

  test('that comes twice at once makes one', async () => {
    const both = await Promise.all([deliver('Create'), deliver('Create')]);
    expect(both).toHaveLength(2);
    expect(told.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(redshift.integrations).toHaveLength(1);
  });

  test('whose call is taken, but whose answer is lost on the way, makes one', async () => {
    redshift.breaks = true;
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: theOne().arn });
    expect(redshift.integrations).toHaveLength(1);
  });

  test('waits its turn while Redshift works on another', async () => {
    redshift.faults = { CreateIntegration: ['IntegrationConflictOperationFault', 'IntegrationConflictOperationFault'] };
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: theOne().arn });
  });

  test('waits for a permission that has just been given, but not for one that never comes', async () => {
    redshift.faults = { CreateIntegration: ['AccessDenied'] };
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });

    redshift.faults = { CreateIntegration: Array.from({ length: 100 }, () => 'AccessDenied') };
    const started = Date.now();
    expect(await ask('Create', OTHER_TABLE)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/: AccessDenied: said so$/),
    });
    expect(Date.now() - started).toBeLessThan(120_000);
  });

  test('that takes longer than the function may run goes on in its next invocation', async () => {
    redshift.afterCreation = [...Array.from({ length: 8 }, () => 'creating'), 'active'];
    const answer = await ask('Create', PROPERTIES, LONG);
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: theOne().arn, RequestId: 'request-1' });
    expect(theOne().status).toBe('active');
    expect(told.handedOn).toHaveLength(1);
    expect(callsOf('CreateIntegration')).toHaveLength(1);
  });

  test('waits its turn for longer than the function may run', async () => {
    redshift.faults = { CreateIntegration: Array.from({ length: 8 }, () => 'IntegrationConflictOperationFault') };
    expect(await ask('Create', PROPERTIES, LONG)).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: theOne().arn,
    });
    expect(told.handedOn).toHaveLength(1);
  });

  test('that takes longer than a request may is left to Redshift', async () => {
    redshift.afterCreation = Array.from({ length: 100 }, () => 'creating');
    const answer = await ask('Create', PROPERTIES, SHORT);
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: theOne().arn });
    expect(theOne().status).toBe('creating');
    expect(told.handedOn).toHaveLength(MOST_INVOCATIONS - 1);
  });

  test('that Redshift never takes fails in time, with why', async () => {
    redshift.faults = { CreateIntegration: Array.from({ length: 100 }, () => 'IntegrationConflictOperationFault') };
    const answer = await ask('Create', PROPERTIES, SHORT);
    expect(answer).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(
        /^Beamstalk: could not create the zero-ETL feed prod-carts-\w+: time ran out \(IntegrationConflictOperationFault: .*\)\. Deploy again once/,
      ),
    });
    expect(told.handedOn).toHaveLength(MOST_INVOCATIONS - 1);
  });

  test('has its time from the first invocation on, however long the last one may run', async () => {
    redshift.faults = { CreateIntegration: Array.from({ length: 100 }, () => 'IntegrationConflictOperationFault') };
    const progress = { startedAt: Date.now() - REQUEST_MILLISECONDS + 20_000, invocation: 2 };
    const started = performance.now();
    expect(await ask('Create', PROPERTIES, { progress })).toMatchObject({ Status: 'FAILED' });
    expect(performance.now() - started).toBeLessThan(3000);
    expect(told.handedOn).toEqual([]);
  });

  test('that cannot be handed on is answered at once', async () => {
    lambda.refuses = true;
    redshift.afterCreation = Array.from({ length: 100 }, () => 'creating');
    expect(await ask('Create', PROPERTIES, SHORT)).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: theOne().arn,
    });
  });

  test('that Redshift refuses fails at once, with why', async () => {
    redshift.faults = { CreateIntegration: ['IntegrationQuotaExceededFault'] };
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/could not create .*: IntegrationQuotaExceededFault: said so$/),
      PhysicalResourceId: expect.stringMatching(/^prod-carts-/),
    });
    expect(callsOf('CreateIntegration')).toHaveLength(1);
  });

  test('that Redshift gives up fails with why, and leaves nothing in the way of the next', async () => {
    redshift.afterCreation = ['failed'];
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('Redshift gave it up: E42: no export'),
    });
    expect(theOne().status).toBe('deleting');
    redshift.afterCreation = ['active'];
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: theOne().arn });
  });

  test('that Redshift gives up between two invocations fails too', async () => {
    redshift.afterCreation = Array.from({ length: 100 }, () => 'creating');
    lambda.betweenInvocations = () => {
      theOne().status = 'failed';
    };
    expect(await ask('Create', PROPERTIES, SHORT)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('Redshift gave it up'),
    });
    expect(callsOf('CreateIntegration')).toHaveLength(1);
  });

  test.each([
    ['deleting', 1000],
    // Lists lag behind.
    ['gone', 120_000],
  ])('that is %s while it is made is not begun again', async (status, mostMilliseconds) => {
    let removed = 0;
    redshift.afterCreation = Array.from({ length: 100 }, () => 'creating');
    lambda.betweenInvocations = () => {
      removed = Date.now();
      for (const integration of redshift.integrations) integration.status = status;
    };
    expect(await ask('Create', PROPERTIES, LONG)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('it was removed while it was made'),
    });
    expect(Date.now() - removed).toBeLessThanOrEqual(mostMilliseconds);
    expect(callsOf('CreateIntegration')).toHaveLength(1);
  });

  test('makes anew what failed before', async () => {
    const { PhysicalResourceId: first } = await ask('Create');
    theOne().status = 'failed';
    const { Status, PhysicalResourceId: second } = await ask('Create');
    expect(Status).toBe('SUCCESS');
    expect(second).not.toBe(first);
    expect(theOne()).toMatchObject({ arn: second, status: 'active' });
  });

  test('without a label fails with what is missing', async () => {
    expect(await ask('Create', UNLABELLED)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(
        'expected the properties Label, SourceArn and TargetArn, got SourceArn, TargetArn',
      ),
      PhysicalResourceId: 'Feed',
    });
    expect(await ask('Delete', UNLABELLED, { id: 'Feed' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('waits until one of its name is gone', async () => {
    const { PhysicalResourceId: first } = await ask('Create');
    theOne().status = 'deleting';
    redshift.faults = { CreateIntegration: ['IntegrationConflictOperationFault'] };
    const { PhysicalResourceId: second } = await ask('Create');
    expect(second).not.toBe(first);
    expect(theOne().arn).toBe(second);
  });

  test('is answered when AWS is not', async () => {
    redshift.silent = true;
    expect(await ask('Create', PROPERTIES, AT_ONCE)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('AWS did not answer in time'),
    });
  });
});

describe('an update', () => {
  test('of the description changes the integration in its place', async () => {
    const { PhysicalResourceId } = await ask('Create');
    const answer = await ask('Update', { ...PROPERTIES, Description: 'Carts' }, { id: PhysicalResourceId });
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(theOne().description).toBe('Carts');
  });

  test('to the description that it has asks for nothing', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Update', PROPERTIES, { id: PhysicalResourceId })).toMatchObject({ PhysicalResourceId });
    expect(callsOf('ModifyIntegration')).toEqual([]);
  });

  test('of the description never fails a deployment, however long Redshift is at work', async () => {
    const { PhysicalResourceId } = await ask('Create');
    redshift.faults = { ModifyIntegration: Array.from({ length: 100 }, () => 'IntegrationConflictStateFault') };
    const answer = await ask('Update', { ...PROPERTIES, Description: 'Carts' }, { id: PhysicalResourceId, ...SHORT });
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(callsOf('ModifyIntegration').length).toBeGreaterThan(1);
    expect(told.handedOn).toEqual([]);
  });

  test('of the source that is taken back makes the first anew, if that has failed meanwhile', async () => {
    const { PhysicalResourceId: first } = await ask('Create');
    const { PhysicalResourceId: second } = await ask('Update', OTHER_TABLE, { id: first });
    for (const integration of redshift.integrations) if (integration.arn === first) integration.status = 'failed';

    const { Status, PhysicalResourceId: third } = await ask('Update', PROPERTIES, { id: second, old: OTHER_TABLE });
    expect(Status).toBe('SUCCESS');
    expect([first, second]).not.toContain(third);
    await ask('Delete', OTHER_TABLE, { id: second });
    expect(theOne()).toMatchObject({ arn: third, source: PROPERTIES.SourceArn, status: 'active' });
  });

  test('of the source makes another beside it, and taking that back finds the first again', async () => {
    const { PhysicalResourceId: first } = await ask('Create');
    const { PhysicalResourceId: second } = await ask('Update', OTHER_TABLE, { id: first });
    expect(second).not.toBe(first);
    expect(redshift.integrations.map(({ arn }) => arn)).toEqual([first, second]);

    expect(await ask('Update', PROPERTIES, { id: second, old: OTHER_TABLE })).toMatchObject({
      PhysicalResourceId: first,
    });
    await ask('Delete', OTHER_TABLE, { id: second });
    expect(theOne().arn).toBe(first);
  });

  test('of one that somebody deleted makes it again, and clearing up after that spares it', async () => {
    const { PhysicalResourceId: first } = await ask('Create');
    redshift.integrations = [];
    const answer = await ask('Update', { ...PROPERTIES, Description: 'Carts' }, { id: first });
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: theOne().arn });
    expect(answer.PhysicalResourceId).not.toBe(first);

    expect(await ask('Delete', PROPERTIES, { id: first })).toMatchObject({ Status: 'SUCCESS' });
    expect(theOne().arn).toBe(answer.PhysicalResourceId);
  });

  test('that fails keeps the identity of what is there', async () => {
    const { PhysicalResourceId } = await ask('Create');
    redshift.faults = { CreateIntegration: ['IntegrationSourceNotFoundFault'] };
    expect(await ask('Update', OTHER_TABLE, { id: PhysicalResourceId })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('could not update'),
      PhysicalResourceId,
    });
  });
});

describe('a deletion', () => {
  test('removes the integration, and waits until it is gone', async () => {
    const { PhysicalResourceId } = await ask('Create');
    expect(await ask('Delete', PROPERTIES, { id: PhysicalResourceId })).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId,
    });
    expect(redshift.integrations).toEqual([]);
  });

  test('waits its turn while Redshift works on another', async () => {
    const { PhysicalResourceId } = await ask('Create');
    redshift.faults = { DeleteIntegration: ['IntegrationConflictOperationFault'] };
    expect(await ask('Delete', PROPERTIES, { id: PhysicalResourceId })).toMatchObject({ Status: 'SUCCESS' });
    expect(redshift.integrations).toEqual([]);
  });

  test('waits for longer than the function may run, and says why when it was in vain', async () => {
    const { PhysicalResourceId: id } = await ask('Create');
    const busy = (times: number) => Array.from({ length: times }, () => 'IntegrationConflictOperationFault');
    redshift.faults = { DeleteIntegration: busy(100) };
    const { Status, Reason } = await ask('Delete', PROPERTIES, { id, ...SHORT });
    expect(Status).toBe('FAILED');
    expect(Reason).toMatch(/time ran out \(IntegrationConflictOperationFault: .*\)$/);

    redshift.faults = { DeleteIntegration: busy(8) };
    expect(await ask('Delete', PROPERTIES, { id, ...LONG })).toMatchObject({ Status: 'SUCCESS' });
    expect(told.handedOn).toHaveLength(1);
    expect(redshift.integrations).toEqual([]);
  });

  test('by ARN needs no other property', async () => {
    const { PhysicalResourceId: id } = await ask('Create');
    expect(await ask('Delete', UNLABELLED, { id })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id });
    expect(redshift.integrations).toEqual([]);
  });

  test('of what is not there succeeds', async () => {
    expect(await ask('Delete', PROPERTIES, { id: 'prod-carts-00000000' })).toMatchObject({ Status: 'SUCCESS' });
    expect(told.calls).toEqual(['DescribeIntegrations']);
  });

  test('finds by its name what an unanswered creation left behind, and nothing else', async () => {
    await ask('Create');
    await ask('Create', OTHER_TABLE);
    const { name } = redshift.integrations[0] ?? { name: '' };
    await ask('Delete', PROPERTIES, { id: name });
    expect(theOne().source).toBe(OTHER_TABLE.SourceArn);
  });

  test('that Redshift refuses fails with why', async () => {
    const { PhysicalResourceId } = await ask('Create');
    redshift.faults = { DeleteIntegration: ['UnsupportedOperation'] };
    expect(await ask('Delete', PROPERTIES, { id: PhysicalResourceId })).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('could not delete'),
      PhysicalResourceId,
    });
  });
});

const STACK = 'arn:aws:cloudformation:us-east-1:000000000000:stack/prod-warehouse/11111111-2222-3333-4444-555555555555';

interface Asked {
  readonly id?: string;
  readonly old?: FeedProperties;
  readonly milliseconds?: number;
  /** Of the invocations after the first. */
  readonly later?: number;
  readonly progress?: Progress;
}

/** @returns the one answer that CloudFormation gets. */
async function ask(
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

async function deliver(
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

function callsOf(action: string): string[] {
  return told.calls.filter((call) => call === action);
}

function theOne(): StoredIntegration {
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
