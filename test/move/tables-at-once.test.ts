import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../lib/move/move';
import { abandon, rehearse, start } from '../../lib/move/mover';
import { type Databases, makeDatabases } from './databases';
import { type Server, startServer } from './servers';

let source: Server;
let target: Server;
let databases: Databases;
beforeAll(async () => {
  [source, target] = await Promise.all([
    startServer({ number: 26, title: 'the source', settings: { fsync: 'off' } }),
    startServer({ number: 27, title: 'the target', settings: { fsync: 'off' } }),
  ]);
  databases = await makeDatabases(source, target);
  for (const name of ['a', 'b', 'c']) {
    await databases.make(
      `create table ${name} (id int primary key); insert into ${name} select generate_series(1, 20000)`,
    );
  }
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

/** Most tables that were not copied yet at one moment, of those that the subscription had by then. */
async function mostAtOnce(tablesAtOnce: number): Promise<number> {
  const move = { ...databases.move(), limits: { ...DEFAULT_LIMITS, tablesAtOnce } };
  let [most, on] = [0, true];
  const look = async (): Promise<void> => {
    while (on) {
      const [row] = await databases.onTarget(
        `select count(*)::int as open from pg_subscription_rel r join pg_subscription s on s.oid = r.srsubid join pg_class c on c.oid = r.srrelid
           where s.subname = 'beamstalk_move_trial' and r.srsubstate <> 'r' and c.relname !~ '^marker_'`,
      );
      most = Math.max(most, Number(row?.['open']));
      await pause(20);
    }
  };
  await Promise.all([
    look(),
    start(move).finally(() => {
      on = false;
    }),
  ]);
  expect((await rehearse(move)).verification).toMatchObject({ equal: true, rows: 60_000 });
  await abandon(move);
  return most;
}

test('tables are copied so many at once as the limit says', async () => {
  expect(await mostAtOnce(1)).toBe(1);
});

test('without a limit all are with the server at once', async () => {
  expect(await mostAtOnce(0)).toBe(3);
});
