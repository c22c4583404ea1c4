import { describe, expect, test } from 'vitest';
import {
  ask,
  callsOf,
  LONG,
  OTHER_TABLE,
  PROPERTIES,
  redshift,
  SHORT,
  theOne,
  told,
  UNLABELLED,
  useRedshift,
} from '../../test/peers/warehouse-feed-bench';

useRedshift();

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
