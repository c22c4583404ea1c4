import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Move } from '../../lib/move/move';
import { abandon, back, rehearse, start, status, switchOver } from '../../lib/move/mover';
import { type Databases, makeDatabases } from './databases';
import { until } from './machine';
import { PROMPT, type Server, startServer } from './servers';

// A machine that is replaced in the middle of a move: its data come up elsewhere, as a volume that another box takes over.

const FAST = { fsync: 'off', ...PROMPT };
let target: Server;
beforeAll(async () => {
  target = await startServer({ number: 22, title: 'the database', settings: FAST });
});
afterAll(() => target.remove());

const WRITES = "set role app_owner; insert into a (note) values ('by a user')";

/** A move whose box can be replaced by one of another address. */
interface Trial {
  readonly databases: Databases;
  /** The move, with the box where it is now. */
  readonly move: () => Move;
  readonly box: () => Server;
  readonly replace: () => Promise<void>;
  readonly onBox: (statements: string) => Promise<Record<string, unknown>[]>;
  readonly reports: string[];
}

async function begun(id: string): Promise<Trial> {
  let box = await startServer({ number: 21, title: 'the box', settings: FAST });
  onTestFinished(() => box.remove());
  const databases = await makeDatabases(box, target);
  await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
  const reports: string[] = [];
  let move: Move = { ...databases.move({ id }), report: (line) => reports.push(line) };
  await start(move);
  reports.splice(0);
  const { database } = move.source.owner;
  const replace = async (): Promise<void> => {
    await box.stop();
    const data = box.copyData();
    await box.remove();
    box = await startServer({ number: box.number === 21 ? 23 : 21, title: 'the box', settings: FAST, data });
    const { administrator, owner } = box.side;
    const source = { ...box.side, administrator: { ...administrator, database }, owner: { ...owner, database } };
    move = { ...move, source };
  };
  const onBox = (statements: string) => box.sql(statements, database);
  return { databases, move: () => move, box: () => box, replace, onBox, reports };
}

const rowsAt = async (at: (statements: string) => Promise<Record<string, unknown>[]>): Promise<unknown> =>
  (await at('select count(*)::int as rows from public.a'))[0]?.['rows'];

test('while users write there: status says what is needed, start does it; abandon leaves nothing after another one', async () => {
  const { databases, move, box, replace, onBox, reports } = await begun('follows');
  await replace();
  await onBox(WRITES);
  const { problems, ...seen } = await status(move());
  expect(seen).toMatchObject({ step: 'ready', serving: 'source' });
  expect(problems).toEqual([
    'the database does not take rows of the box: start connects it anew; should that not help, its log says why',
  ]);
  await start(move());
  expect(reports).toEqual([
    'the database takes rows of the box where that is now',
    'all rows are on both sides already',
  ]);
  await until('the row that was written meanwhile', async () => (await rowsAt(databases.onTarget)) === 2);
  expect(await status(move())).toMatchObject({ serving: 'source', problems: [] });
  // Disturbs nobody where all is well.
  await start(move());
  expect(reports.slice(2)).toEqual(['all rows are on both sides already']);
  expect((await rehearse(move())).verification).toMatchObject({ equal: true, rows: 2 });

  await replace();
  await onBox(WRITES);
  await abandon(move());
  expect(await status(move())).toMatchObject({ step: 'new', next: 'check, then start', problems: [] });
  for (const { sql } of [box(), target]) {
    expect(await sql('select slot_name from pg_replication_slots')).toEqual([]);
    expect(await sql('select subname from pg_subscription')).toEqual([]);
  }
  await onBox(WRITES);
  expect(await rowsAt(onBox)).toBe(4);
});

test('once users write to the target: the new box follows, and the way back is open', async () => {
  const { databases, move, replace, onBox } = await begun('returns');
  await switchOver(move());
  await replace();
  await databases.onTarget(WRITES);
  await until('the row in the new box', async () => (await rowsAt(onBox)) === 2);
  await expect(onBox(WRITES)).rejects.toMatchObject({ code: 'BM001' });
  await expect(abandon(move())).rejects.toThrow('users write to the database: run back first');
  await start(move());
  await back(move());
  await onBox(WRITES);
  await until('the row of the new box', async () => (await rowsAt(databases.onTarget)) === 3);

  // One that came up without its data is not taken for it.
  await onBox('drop schema beamstalk_move cascade');
  const unknown =
    'the box knows nothing of returns, and the database has a copy of that name: the box is not the database';
  expect(await status(move())).toMatchObject({ step: 'new', problems: [expect.stringContaining(unknown)] });
  await expect(abandon(move())).rejects.toThrow(unknown);
  await expect(start(move())).rejects.toThrow(/returns cannot start:[\s\S]*names-taken/);
  expect(await rowsAt(databases.onTarget)).toBe(3);
});
