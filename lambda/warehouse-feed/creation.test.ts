import { describe, expect, test } from 'vitest';
import {
  AT_ONCE,
  ask,
  callsOf,
  deliver,
  LONG,
  lambda,
  OTHER_TABLE,
  PROPERTIES,
  redshift,
  SHORT,
  STACK,
  theOne,
  told,
  UNLABELLED,
  useRedshift,
} from '../../test/peers/warehouse-feed-bench';
import { MOST_INVOCATIONS, REQUEST_MILLISECONDS } from './next-invocation';

useRedshift();

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
