import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import {
  answers,
  asAdministrator,
  asApplication,
  function_,
  loginAs,
  newFunction,
  postgres,
  prepare,
  put,
  request,
  rotate,
  rotation,
  STEPS,
  secrets,
  useCredentials,
  valueAt,
  withPending,
} from '../../test/peers/credentials-bench';

useCredentials();

describe('a rotation', () => {
  test('gives the next user a new password, and leaves the one in use', async () => {
    await prepare();
    const first = valueAt();
    await rotate();
    expect(valueAt()).toMatchObject({ username: 'app_clone', masterarn: 'master' });
    expect(valueAt().password).not.toBe(first.password);
    expect(valueAt('AWSPREVIOUS')).toEqual(first);
    await asApplication((client) => client.query('create table one (id integer)'), first);
    // Either of the two changes what the other has made.
    await asApplication((client) => client.query('alter table one add column more text'));
    await rotate();
    expect(valueAt().username).toBe('app');
    await expect(asApplication((client) => client.query('select 1'), first)).rejects.toMatchObject({ code: '28P01' });
  });

  test('leaves no password in the log of the server, which has every statement', async () => {
    await prepare();
    await rotate();
    await rotate();
    const log = postgres.log();
    expect(log).toContain('SCRAM-SHA-256$');
    for (const stage of ['AWSCURRENT', 'AWSPREVIOUS']) expect(log).not.toContain(valueAt(stage).password);
    for (const stage of ['AWSCURRENT', 'AWSPREVIOUS']) expect(function_.output).not.toContain(valueAt(stage).password);
  });

  test.each(STEPS)('goes on after %s was done and its answer lost', async (lost) => {
    await prepare();
    const version = secrets.beginRotation('application');
    for (const step of STEPS) {
      await function_.invoke(rotation(step, version));
      if (step === lost) await function_.invoke(rotation(step, version));
    }
    await asApplication((client) => client.query('select 1'));
    expect(valueAt().username).toBe('app_clone');
  });

  test.each([
    ['createSecret', 'GetSecretValue'],
    ['createSecret', 'PutSecretValue'],
    ['setSecret', 'GetSecretValue'],
    ['testSecret', 'DescribeSecret'],
    ['finishSecret', 'UpdateSecretVersionStage'],
  ])('goes on after %s failed at %s, and nobody was locked out', async (failing, operation) => {
    await prepare();
    const version = secrets.beginRotation('application');
    for (const step of STEPS) {
      if (step === failing) {
        secrets.fail(operation, 1);
        await expect(function_.invoke(rotation(step, version))).rejects.toThrow('injected');
        await asApplication((client) => client.query('select 1'));
        expect(valueAt().username).toBe('app');
      }
      await function_.invoke(rotation(step, version));
    }
    await asApplication((client) => client.query('select 1'));
    expect(valueAt().username).toBe('app_clone');
  });

  test('whose function dies in the middle of a step, or runs twice at once, ends all the same', async () => {
    await prepare();
    const version = secrets.beginRotation('application');
    await function_.invoke(rotation('createSecret', version));
    const [first, second] = [newFunction(), newFunction()];
    const dying = first.invoke(rotation('setSecret', version)).catch(() => undefined);
    await pause(150);
    await first.end();
    await dying;
    await Promise.all([function_, second].map((one) => one.invoke(rotation('setSecret', version))));
    for (const step of STEPS.slice(2)) await function_.invoke(rotation(step, version));
    await second.end();
    await asApplication((client) => client.query('select 1'));
  });

  test('is tested with a copy of the current version when it is configured', async () => {
    await prepare();
    const version = secrets.beginRotation('application');
    await put(version, valueAt());
    await function_.invoke(rotation('testSecret', version));
  });

  test.each([
    ['of a version that is not there', async () => randomUUID(), 'setSecret', /has no version/],
    [
      'for the administrator',
      async () => withPending({ username: 'beamstalk' }),
      'setSecret',
      /expected the other user of app/,
    ],
    [
      'for the user in use',
      async () => withPending({ username: 'app' }),
      'setSecret',
      /expected the other user of app/,
    ],
    [
      'for a name that is SQL',
      async () => withPending({ username: 'app"; drop role app; --' }),
      'setSecret',
      /expected the other user/,
    ],
    ['without a value', async () => secrets.beginRotation('application'), 'setSecret', /has no value yet/],
    ['by an unknown step', async () => secrets.beginRotation('application'), 'dropSecret', /expected createSecret/],
  ])('%s is refused', async (_, version, step, reason) => {
    await prepare();
    await expect(function_.invoke(rotation(step, await version()))).rejects.toThrow(reason);
    await asApplication((client) => client.query('select 1'));
    await asAdministrator((client) => client.query('select 1'));
  });

  test('takes names that SQL, a shell or a URL would misread', async () => {
    const username = `o'Brien "x"; $(id) %s \\ é`;
    secrets.put('application', JSON.stringify({ username, password: 'first', masterarn: 'master' }));
    await prepare();
    await rotate();
    expect(valueAt().username).toBe(`${username}_clone`);
    await asApplication((client) => client.query('create table one (id integer)'));
    await rotate();
    await asApplication((client) => client.query('drop table one'));
    const names = [username, `${username}_clone`, `${username}_owner`].map((name) => `"${name.replaceAll('"', '""')}"`);
    for (const name of names) await postgres.sql(`drop owned by ${name}; drop role ${name}`);
  });

  test('refuses a name that would be cut to that of another user', async () => {
    secrets.put('application', JSON.stringify({ username: 'a'.repeat(60), password: 'first', masterarn: 'master' }));
    await function_.invoke(request('Create'));
    expect(answers.last()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('1 to 63 bytes') });
  });

  test('trusts no server whose certificate another authority signed', async () => {
    await prepare();
    const trusting = newFunction({ authority: undefined });
    await expect(trusting.invoke(rotation('createSecret', secrets.beginRotation('application')))).rejects.toThrow(
      /certificate/,
    );
    await trusting.end();
  });

  test('waits until a read replica has the password', async () => {
    await prepare();
    const replica = await postgres.follow();
    try {
      await rotate();
      const { username, password } = valueAt();
      const client = new Client({
        ...loginAs(username, password),
        port: replica.port,
        ssl: { ca: readFileSync(replica.authority) },
      });
      await client.connect();
      await client.end();
      await replica.sql('select pg_wal_replay_pause()', 'postgres');
      const version = secrets.beginRotation('application');
      const hurried = newFunction({ milliseconds: 8000 });
      for (const step of STEPS.slice(0, 2)) await hurried.invoke(rotation(step, version));
      await expect(hurried.invoke(rotation('testSecret', version))).rejects.toThrow(
        'a read replica does not have the new password yet',
      );
      await replica.sql('select pg_wal_replay_resume()', 'postgres');
      for (const step of STEPS.slice(2)) await function_.invoke(rotation(step, version));
      await hurried.end();
    } finally {
      replica.stop();
      await postgres
        .sql(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active`)
        .catch(() => undefined);
    }
  });
});
