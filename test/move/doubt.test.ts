import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Move } from '../../lib/move/move';
import { finish, start, status, switchOver } from '../../lib/move/mover';
import { type Databases, makeDatabases } from './databases';
import { until } from './machine';
import { type Connection, lose } from './network';
import { PROMPT, type Server, startServer } from './servers';

// Commits in doubt that land late: a mover is not overtaken by its own switch.

let source: Server;
let target: Server;
beforeAll(async () => {
  const settings = { ...PROMPT, fsync: 'off' };
  [source, target] = await Promise.all([
    startServer({ number: 44, title: 'the source', settings }),
    startServer({ number: 45, title: 'the target', settings }),
  ]);
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

const WAITS = 'select from pg_locks where not granted';

/** Does something else in the place of one of the commits (`nth`, from 1). */
async function atCommit<Result>(
  nth: number,
  instead: (session: Client, send: () => unknown) => unknown,
  work: () => Promise<Result>,
): Promise<Result> {
  const { query } = Client.prototype;
  let before = nth;
  Client.prototype.query = function inDoubt(this: Client, ...given: unknown[]): unknown {
    const send = (): unknown => Reflect.apply(query, this, given);
    return given[0] === 'commit' && --before === 0 ? instead(this, send) : send();
  } as typeof query;
  try {
    return await work();
  } finally {
    Client.prototype.query = query;
    expect(before).toBeLessThanOrEqual(0);
  }
}

/** Connections break as one of the commits is sent (`nth`, from 1), which lands once it is due. */
async function doubting<Result>(
  nth: number,
  isDue: () => Promise<boolean>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { query, end } = Client.prototype;
  let [before, landed]: [number, Promise<unknown> | undefined] = [nth, undefined];
  Client.prototype.query = function inDoubt(this: Client, ...given: unknown[]): unknown {
    if (landed !== undefined || given[0] !== 'commit' || --before > 0) return Reflect.apply(query, this, given);
    landed = until('the time of the commit', isDue).then(() => Reflect.apply(query, this, given));
    // The mover is rid of it at once, as of one that broke.
    landed.then(() => Reflect.apply(end, this, [])).catch(() => undefined);
    this.end = (() => Promise.resolve()) as typeof end;
    return Promise.reject(new Error('Connection terminated unexpectedly'));
  } as typeof query;
  try {
    return await work();
  } finally {
    Client.prototype.query = query;
    await landed;
    expect(landed).toBeDefined();
  }
}

interface Late {
  readonly databases: Databases;
  /** What the mover has said. */
  readonly said: readonly string[];
}

test.each<[string, number, (late: Late) => () => Promise<boolean>]>([
  [
    'closes lands once somebody waits for it',
    1,
    ({ databases, said }) =>
      async () =>
        said.some((line) => line.startsWith('waiting for open')) || (await databases.onSource(WAITS)).length > 0,
  ],
  [
    'opens lands once somebody waits for it',
    2,
    ({ databases }) =>
      async () =>
        (await databases.onTarget(WAITS)).length > 0,
  ],
  [
    'opens lands after six seconds',
    2,
    () => {
      const at = performance.now() + 6000;
      return () => Promise.resolve(performance.now() > at);
    },
  ],
])(
  'a switch whose commit that %s goes on by itself',
  async (what, nth, dueOf) => {
    const databases = await makeDatabases(source, target);
    await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
    const [said, told]: [string[], string[]] = [[], []];
    const made = databases.move({ id: `doubt_${nth}_${what.length}` });
    const move: Move = {
      ...made,
      report: (line) => void said.push(line),
      announce: async (place, { epoch }) => void told.push(`${place} ${epoch}`),
      // The server must not end the transaction before.
      limits: { ...made.limits, freezeMilliseconds: 10_000 },
    };
    await start(move);
    await doubting(nth, dueOf({ databases, said }), () => switchOver(move));
    expect(said.join('\n')).toContain('the freeze was interrupted');
    expect(told.at(-1)).toBe('target 1');
    expect(await status(move)).toMatchObject({
      serving: 'target',
      verified: true,
      next: 'finish, or back',
      problems: [],
    });
    await databases.onTarget("set role app_owner; insert into a (note) values ('two')");
    expect(await finish(move)).toMatchObject({ rows: 1 });
  },
  60_000,
);

interface Made {
  readonly databases: Databases;
  readonly move: Move;
  /** What nodes were told, such as `target 1`. */
  readonly told: string[];
}

async function made(id: string): Promise<Made> {
  const databases = await makeDatabases(source, target);
  await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
  const told: string[] = [];
  const announce: Move['announce'] = async (place, { epoch }) => void told.push(`${place} ${epoch}`);
  const move = { ...databases.move({ id }), announce };
  await start(move);
  return { databases, move, told };
}

async function isSwitched({ databases, move, told }: Made): Promise<void> {
  expect(told.at(-1)).toBe('target 1');
  expect(await status(move)).toMatchObject({ serving: 'target', verified: true, next: 'finish, or back' });
  await databases.onTarget("set role app_owner; insert into a (note) values ('two')");
  expect(await finish(move)).toMatchObject({ rows: 1 });
}

function connectionOf(session: Client): Connection {
  return (session as unknown as { readonly connection: { readonly stream: Connection } }).connection.stream;
}

test.each([1, 2])(
  'a connection that falls silent at commit %i is not waited for',
  async (nth) => {
    const all = await made(`silent_${nth}`);
    const began = performance.now();
    let found = (): void => undefined;
    await atCommit(
      nth,
      (session, send) => {
        found = lose(connectionOf(session));
        return send();
      },
      () => switchOver(all.move),
    ).finally(() => found());
    // Five seconds, after which it is in doubt. The kernel would give up after a quarter of an hour.
    expect(performance.now() - began).toBeGreaterThan(5000);
    expect(performance.now() - began).toBeLessThan(40_000);
    await isSwitched(all);
  },
  90_000,
);

test('a commit in doubt is looked up, also when the time is over', async () => {
  const all = await made('late');
  const slow = { ...all.move, prepareToAnnounce: () => pause(6000) };
  await atCommit(
    2,
    () => Promise.reject(new Error('Connection terminated unexpectedly')),
    () => switchOver({ ...slow, limits: { ...slow.limits, patienceSeconds: 5 } }),
  );
  await isSwitched(all);
}, 60_000);

test('a target that starts anew in the middle of a switch is waited for', async () => {
  const all = await made('restarted');
  let up: Promise<void> | undefined;
  await atCommit(
    2,
    async (_, send) => {
      await target.killHard();
      up = pause(4000).then(() => target.start());
      return send();
    },
    () => switchOver(all.move),
  );
  await up;
  await isSwitched(all);
}, 90_000);

test('a target that stays away leaves words that say how it stands, and the same completes it', async () => {
  const all = await made('away');
  const hasty = { ...all.move, limits: { ...all.move.limits, patienceSeconds: 1 } };
  const switched = atCommit(
    2,
    async (_, send) => {
      await target.killHard();
      return send();
    },
    () => switchOver(hasty),
  );
  await expect(switched).rejects.toThrow(
    /^the switch to the target was interrupted \(the target cannot be reached as app .*\), and users may be unable to write anywhere: run switch again, which completes it$/,
  );
  // The command that is named waits too, and completes it.
  const up = pause(3000).then(() => target.start());
  await switchOver(all.move);
  await up;
  await isSwitched(all);
}, 150_000);

test('a target that is gone for good: what docs/moving.md says opens the source', async () => {
  const { databases, move } = await made('for_good');
  await switchOver(move);
  await target.stop();
  const write = "set role app_owner; insert into a (note) values ('two')";
  await expect(databases.onSource(write)).rejects.toMatchObject({ code: 'BM001' });
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'moving.md'), 'utf8');
  const [, after = ''] = page.split('open the source by hand.');
  const statements = [...(after.split('\n\n')[0] ?? '').replaceAll('\n', ' ').matchAll(/`([a-z][^`]+)`/g)].flatMap(
    ([, text = '']) => text.replaceAll('ID', move.id).split('; '),
  );
  expect(statements).toHaveLength(6);
  for (const statement of statements) await databases.onSource(statement);
  await databases.onSource(write);
  expect(await databases.onSource('select slot_name from pg_replication_slots')).toEqual([]);
  await target.start();
}, 60_000);
