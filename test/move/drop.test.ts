import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readInventory } from '../../lib/move/inventory';
import { copyRest, copyTables } from '../../lib/move/schema/copy';
import { dropCopy } from '../../lib/move/schema/drop';
import { asOwner } from '../../lib/move/session';
import { type Databases, makeDatabases } from './databases';
import { type Server, startServer } from './servers';

let server: Server;
beforeAll(async () => {
  server = await startServer({ number: 18, title: 'the server', settings: { fsync: 'off' } });
});
afterAll(() => server.remove());

describe('nothing is taken away', () => {
  let databases: Databases;
  beforeAll(async () => {
    databases = await makeDatabases(server, server);
    await databases.make('create table a (id int primary key); insert into a values (1)');
    const move = databases.move();
    const inventory = await asOwner(move.source, (client) => readInventory(client, 'all'));
    await copyTables(move, inventory);
    await copyRest(move, inventory);
  });
  const drop = () => dropCopy(databases.move());
  const rest = () => databases.onTarget('select from public.a');

  test('while rows flow back, which would be deleted in the server too', async () => {
    await databases.onSource(
      "create subscription beamstalk_back_trial connection 'host=nowhere' publication p with (connect = false)",
    );
    await expect(drop()).rejects.toThrow(
      /^subscription beamstalk_back_trial is still there: .* would be deleted in the server too\. Drop subscription/,
    );
    for (const statement of [
      'alter subscription beamstalk_back_trial set publication beamstalk_back_trial with (refresh = false)',
      'alter subscription beamstalk_back_trial rename to renamed',
    ]) {
      await databases.onSource(statement);
    }
    await expect(drop()).rejects.toThrow('subscription beamstalk_back_trial is still there');
    await databases.onSource('alter subscription renamed set (slot_name = none); drop subscription renamed');
    await databases.onTarget('create publication beamstalk_back_trial for table a');
    await expect(drop()).rejects.toThrow('publication beamstalk_back_trial is still there');
    await databases.onTarget('drop publication beamstalk_back_trial');
    await rest();
  });

  test.each([
    ['a view', 'create view seen as select id from a', 'rule _RETURN on view public.seen', 'drop view seen'],
    [
      'a foreign key',
      'create table refers (a int references a)',
      'constraint refers_a_fkey on table public.refers',
      'drop table refers',
    ],
    [
      'a publication',
      'create publication other for table a',
      'publication of table public.a in publication other',
      'drop publication other',
    ],
    [
      'a subscription',
      `create subscription other connection 'host=nowhere' publication p with (connect = false);
      insert into pg_subscription_rel values ((select oid from pg_subscription where subname = 'other'), 'a'::regclass, 'r')`,
      'subscription other',
      'alter subscription other set (slot_name = none); drop subscription other',
    ],
    [
      'a column',
      'create table beamstalk_move.notes (a public.a)',
      'table beamstalk_move.notes',
      'drop table beamstalk_move.notes',
    ],
    ['a partition', 'create table child () inherits (a)', 'table public.child', 'drop table child'],
  ])('while %s of others stands on it', async (_, statements, what, undo) => {
    await databases.onTarget(`set allow_system_table_mods = on; ${statements}`);
    await expect(drop()).rejects.toThrow(`the server: ${what} would go with the copy`);
    await rest();
    await databases.onTarget(undo);
  });

  test('that another move made', async () => {
    await dropCopy(databases.move({ id: 'another' }));
    await rest();
    await drop();
    await expect(rest()).rejects.toThrow('does not exist');
  });
});
