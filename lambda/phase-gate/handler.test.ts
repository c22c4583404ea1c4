import { describe, expect, test } from 'vitest';
import { ask, aws, BORN, move, STACK, told, useGate } from '../../test/peers/phase-gate-bench';

useGate();

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
      Reason: expect.stringContaining('beamstalk move 0-1 finish --env prod'),
    });
    move();
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[1]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('that gives up an expansion is let through while nothing has moved, and refused after', async () => {
    await ask('Update', { Phase: '0' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'SUCCESS' });
    move();
    await ask('Update', { Phase: '0' }, { Phase: '1', From: '0' });
    expect(told.answers[1]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('0-1') });
  });

  test('that contracts is refused when the record is older than this environment', async () => {
    move();
    aws.recorded = BORN - 60;
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('0-1 is not recorded as verified since its expansion began (its record is older'),
    });
    // Nor does it stand in the way of an expansion, once nodes are no longer sent elsewhere.
    delete aws.parameters['database/source'];
    await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
    expect(told.answers[1]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('that takes a contraction back, which failed further on, is let through', async () => {
    await ask('Update', { Phase: '1', From: '0' }, { Phase: '1' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
    move();
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
