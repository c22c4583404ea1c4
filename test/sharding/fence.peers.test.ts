import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { postgresPrograms, type Server, startPostgres } from './postgres-server';

const programs = postgresPrograms();
const FENCE = readFileSync(join(import.meta.dirname, '..', '..', 'lib', 'sharding', 'fence.sql'), 'utf8');

// The rules of a fence, in the server that keeps them. Needs a PostgreSQL on this machine (Debian: postgresql).
describe.skipIf(programs === undefined)('the fence, in PostgreSQL', () => {
  let server: Server;
  let shard = 0;

  beforeAll(async () => {
    server = await startPostgres(programs ?? '');
    await server.sql(FENCE);
    await server.sql('CREATE TABLE rows (shard integer, name text);');
  });
  afterAll(() => server?.stop());

  /** Calls of the fence for a logical shard that no other test uses, one after the other; t and f, or the SQLSTATE. */
  async function answers(...calls: readonly string[]): Promise<string[]> {
    shard++;
    const found: string[] = [];
    for (const call of calls) found.push(await ask(`SELECT beamstalk_${call.replace('(', `(${shard}, `)};`));
    return found;
  }

  const ask = (statement: string): Promise<string> =>
    server.sql(statement).catch((error: Error) => /ERROR: {2}(\w{5}):/.exec(error.message)?.[1] ?? error.message);

  test('may be made again without harm', async () => {
    const [opened] = await answers('open(1, 1)');
    await server.sql(FENCE);
    expect([opened, await ask(`SELECT beamstalk_write(${shard}, 1);`)]).toEqual(['t', '']);
  });

  test.each<[string, string[], string[]]>([
    ['lets nothing be written that was never opened', ['write(1)'], ['BS001']],
    [
      'lets its epoch be written, and no other',
      ['open(5, 1)', 'write(5)', 'write(4)', 'write(6)'],
      ['t', '', 'BS001', 'BS001'],
    ],
    ['stays closed', ['open(5, 1)', 'close(6)', 'write(5)', 'write(6)'], ['t', 't', 'BS001', 'BS001']],
    [
      'is not opened again by who comes late',
      ['open(5, 1)', 'close(6)', 'open(5, 1)', 'write(5)'],
      ['t', 't', 'f', 'BS001'],
    ],
    ['is not closed by who comes late', ['open(7, 1)', 'close(6)', 'write(7)'], ['t', 'f', '']],
    ['answers the same when asked again', ['open(5, 1)', 'open(5, 1)', 'close(6)', 'close(6)'], ['t', 't', 't', 't']],
    ['takes the rows of a move', ['receive(8)', 'copy(8)', 'copy(7)', 'copy(9)'], ['t', '', 'BS001', 'BS001']],
    [
      'takes the rows of the last move alone',
      ['receive(8)', 'receive(9)', 'copy(8)', 'receive(8)'],
      ['t', 't', 'BS001', 'f'],
    ],
    [
      'takes no rows while it is written',
      ['receive(8)', 'open(3, 9)', 'copy(8)', 'receive(9)'],
      ['t', 't', 'BS001', 'f'],
    ],
    [
      'takes no rows of a move that is over, though it is closed again',
      ['receive(8)', 'open(3, 9)', 'close(4)', 'copy(8)', 'receive(8)', 'receive(12)', 'copy(12)'],
      ['t', 't', 't', 'BS001', 'f', 't', ''],
    ],
  ])('%s', async (_what, calls, expected) => {
    expect(await answers(...calls)).toEqual(expected);
  });

  /** Starts a transaction that adds a row and then takes its time; returns once it does. */
  async function underWay(first: string, isolation = 'READ COMMITTED', then = ''): Promise<{ end: Promise<string> }> {
    const sleep = `SELECT pg_sleep(1.5) AS in_shard_${shard};`;
    const end = server.sql(
      `BEGIN ISOLATION LEVEL ${isolation}; ${first} INSERT INTO rows VALUES (${shard}, 'row'); ${sleep} ${then} COMMIT;`,
    );
    // Seen to when it is awaited.
    end.catch(() => undefined);
    const sleeping = `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%in_shard_${shard};%';`;
    await vi.waitUntil(async () => (await ask(sleeping)) === '1', { timeout: 10_000, interval: 50 });
    return { end };
  }

  /** A call of the fence, and how many rows there are when it has answered: one more once the write under way is over. */
  const andRows = (call: string): Promise<string> =>
    ask(`SELECT beamstalk_${call}; SELECT count(*) FROM rows WHERE shard = ${shard};`);

  test('closing waits for a write under way, and lets none begin', async () => {
    await answers('open(1, 1)');
    const { end } = await underWay(`SELECT beamstalk_write(${shard}, 1);`);
    const close = andRows(`close(${shard}, 2)`);
    await wait(300);
    const late = ask(`SELECT beamstalk_write(${shard}, 1);`);
    expect(await close).toBe('1');
    expect(await ask(`SELECT beamstalk_close(${shard}, 2);`)).toBe('t');
    expect(await late).toBe('BS001');
    await end;
  });

  test('who closes again waits for the write under way as the first does', async () => {
    await answers('open(1, 1)');
    const { end } = await underWay(`SELECT beamstalk_write(${shard}, 1);`);
    const closers = [1, 2].map(() => andRows(`close(${shard}, 2)`));
    expect(await Promise.all(closers)).toEqual(['1', '1']);
    await end;
  });

  test.each([
    ['opening', 'open', ', 3, 9)'],
    ['another move', 'receive', ', 9)'],
  ])('%s waits for the rows that are being copied', async (_what, call, rest) => {
    await answers('receive(8)');
    const { end } = await underWay(`SELECT beamstalk_copy(${shard}, 8);`);
    expect(await andRows(`${call}(${shard}${rest}`)).toBe('1');
    await end;
  });

  test('a transaction that saw the fence open before cannot write after it was closed', async () => {
    await answers('open(1, 1)');
    const { end } = await underWay('', 'REPEATABLE READ', `SELECT beamstalk_write(${shard}, 1);`);
    expect(await ask(`SELECT beamstalk_close(${shard}, 2);`)).toBe('t');
    await expect(end).rejects.toThrow('40001');
  });
});
