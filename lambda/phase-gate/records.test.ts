import { describe, expect, test } from 'vitest';
import { ask, aws, BORN, told, useGate } from '../../test/peers/phase-gate-bench';

useGate();

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
