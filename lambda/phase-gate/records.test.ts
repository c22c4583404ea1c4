import { describe, expect, test } from 'vitest';
import { ask, aws, BORN, MOVER, move, OPERATOR, record, told, useGate } from '../../test/peers/phase-gate-bench';

useGate();

describe('a gate that was deleted and is created anew', () => {
  test('refuses what the one before would have refused', async () => {
    await ask('Create', { Phase: '1', From: '0' });
    aws.network = true;
    await ask('Create', { Phase: '1' });
    expect(told.answers[1]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('0-1 is not recorded') });
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

describe('a record of traffic that has moved', () => {
  test.each(['rehearsed', 'yes', '', 'true', '2026-11-21', '2126-11-21T00:00:00Z'])(
    'that holds %j counts for nothing',
    async (value) => {
      aws.records = { '1-2': value };
      await ask('Update', { Phase: '2' }, { Phase: '2', From: '1' });
      expect(told.answers[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('not recorded') });
    },
  );

  test('is a time that somebody has written', async () => {
    aws.records = { '1-2': '2026-11-21T00:01:00Z' };
    await ask('Update', { Phase: '2' }, { Phase: '2', From: '1' });
    expect(told.answers[0]).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('a record of data that have moved', () => {
  test.each([
    ['a time that somebody has written', '2026-11-21T00:01:00Z', 'its record is none of beamstalk move'],
    ['that of another environment', record({ environment: 'staging' }), 'of another environment, climb or function'],
    ['that of another climb', record({ climb: '5-6' }), 'of another environment, climb or function'],
    ['that of a function', record({ function: 'users' }), 'of another environment, climb or function'],
    [
      'one of data that have left another database',
      record({ source: 'other.test' }),
      'another database that data have left',
    ],
    ['one of a database that is gone', record({ target: 'old.test' }), 'names another database than database/endpoint'],
    [
      'one of an earlier switch',
      record({ begun: BORN + 20 }),
      `its record is of switch ${BORN + 20}.1, and database/source is managed ${BORN + 30}.1`,
    ],
    ['one of another switch', record({ epoch: 3 }), `its record is of switch ${BORN + 30}.3, and database/source is`],
    ['one without what was compared', record({ digest: 'ab12' }), 'its record is none of beamstalk move'],
    ['one of nothing', record({ epoch: 0, tables: 0, rows: 0, digest: '' }), 'its record is none of beamstalk move'],
  ])('that is %s counts for nothing', async (_what, value, reason) => {
    move();
    aws.records['0-1'] = value;
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(reason) });
  });

  test('counts for nothing while nodes go to the database of before', async () => {
    move();
    aws.parameters['database/source'] = 'local';
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Reason: expect.stringContaining('database/source is not managed') });
  });

  test('counts when the mover has written it, whichever machine that was', async () => {
    move();
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each([
    ['somebody else has typed', { 'climb/verified/0-1': OPERATOR }, `was written by ${OPERATOR}, and not by the mover`],
    ['nobody is named for since the mover wrote it', { 'climb/verified/0-1': '' }, 'was written by nobody known'],
    ['goes with a word that somebody has typed', { 'database/source': OPERATOR }, `was written by ${MOVER}, and not`],
  ])('that %s counts for nothing', async (_what, writers, reason) => {
    move();
    aws.writers = writers;
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(reason) });
  });

  test('counts for nothing while nodes go by a word that is of no switch', async () => {
    move();
    aws.parameters['database/source'] = 'managed';
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Reason: expect.stringContaining('and database/source is managed)') });
  });

  test('from before the expansion counts for nothing', async () => {
    move();
    aws.state = JSON.stringify({ phase: 1, from: 0, at: new Date((BORN + 3600) * 1000).toISOString() });
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
    // The same value put anew is no newer.
    aws.recorded = BORN + 7200;
    for (const verifiedAt of ['2026-11-21T00:01:00Z', '2026-11-21T00:54:00Z', '2016-01-01T00:00:00Z', 'now']) {
      move({ verifiedAt });
      await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
      expect(told.answers.at(-1)).toMatchObject({
        Status: 'FAILED',
        Reason: expect.stringMatching(
          /since its expansion began \(.* older than the expansion\).*beamstalk move 0-1 finish/,
        ),
      });
    }
    move({ begun: BORN + 3600, verifiedAt: '2026-11-21T01:00:00Z' });
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers.at(-1)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('from before the environment was made counts for nothing, though it was put there later', async () => {
    move({ verifiedAt: '2026-11-20T00:00:00Z' });
    await ask('Update', { Phase: '1' }, { Phase: '1', From: '0' });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED' });
  });
});

describe('the data of functions', () => {
  const functions = Array.from({ length: 7 }, (_, index) => `f${index}`);
  const climb = { climb: '5-6', source: 'single.test' };

  function moveEach(names: readonly string[]): void {
    for (const name of names) {
      aws.records[`5-6/${name}`] = record({ ...climb, function: name, target: `${name}.test` });
      Object.assign(aws.parameters, {
        [`database/${name}/endpoint`]: `${name}.test`,
        [`database/${name}/source`]: `own ${BORN + 30}.1`,
      });
    }
  }

  test('have moved when each has its record, whichever template knows it', async () => {
    const [first = '', ...others] = functions;
    moveEach(others);
    // The step that is to contract no longer names the one whose data are where they were.
    await ask('Update', { Phase: '6', Functions: others }, { Phase: '6', From: '5', Functions: functions });
    expect(told.answers[0]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('(f0: no record)') });
    await ask('Update', { Phase: '6', Functions: functions }, { Phase: '6', From: '5', Functions: others });
    expect(told.answers[1]).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('(f0: no record)') });
    moveEach([first]);
    await ask('Update', { Phase: '6', Functions: functions }, { Phase: '6', From: '5', Functions: functions });
    expect(told.answers[2]).toMatchObject({ Status: 'SUCCESS' });
  });

  test('have not moved where one record is that of another function', async () => {
    moveEach(functions);
    aws.records['5-6/f1'] = aws.records['5-6/f2'] ?? '';
    await ask('Update', { Phase: '6', Functions: functions }, { Phase: '6', From: '5', Functions: functions });
    expect(told.answers[0]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(
        /\(f1: its record is of another .*\).*finish --function F --env prod for each function F/,
      ),
    });
  });

  test('keep an expansion from being given up as soon as one has moved', async () => {
    await ask('Update', { Phase: '5' }, { Phase: '6', From: '5', Functions: functions });
    expect(told.answers[0]).toMatchObject({ Status: 'SUCCESS' });
    aws.parameters['database/f3/source'] = 'own';
    await ask('Update', { Phase: '5' }, { Phase: '6', From: '5', Functions: functions });
    expect(told.answers[1]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('5-6 has moved something'),
    });
  });

  test('keep an expansion from beginning while an earlier one has left word that they have moved', async () => {
    aws.parameters['database/f3/source'] = 'own';
    await ask('Update', { Phase: '6', From: '5', Functions: functions }, { Phase: '5' });
    expect(told.answers[0]).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining(
        'aws ssm delete-parameters --names /beamstalk/prod/database/f3/source, then deploy',
      ),
    });
  });
});

test('what was verified in an expansion stays verified when a failed contraction goes back to it', async () => {
  await ask('Update', { Phase: '1', From: '0' }, { Phase: '0' });
  move({ begun: Math.floor(Date.now() / 1000), verifiedAt: new Date().toISOString() });
  aws.recorded = Date.now() / 1000 + 1;
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
