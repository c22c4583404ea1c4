import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Move } from '../../lib/move/move';
import { finish, start, status, switchOver } from '../../lib/move/mover';
import { type Databases, makeDatabases } from './databases';
import { until } from './machine';
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
    const ended = landed.then(() => Reflect.apply(end, this, []));
    this.end = (async () => await ended) as typeof end;
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
