import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../lib/move/finding';
import { abandon, start } from '../../lib/move/mover';
import { preflight } from '../../lib/move/preflight/preflight';
import type { Side } from '../../lib/move/side';
import { MOVED, makeDataSet } from './data-set';
import { besides, type Databases, type MoveOptions, makeDatabases } from './databases';
import { CASES, type Case, TWO, trigger } from './preflight-cases';
import { type Server, startServer } from './servers';

/** Nobody kills these. */
const FAST = { fsync: 'off' };

let source: Server;
let target: Server;
/** Database that no case makes anything in, and no preflight either. */
let empty: Side;
beforeAll(async () => {
  [source, target] = await Promise.all([
    startServer({ number: 13, title: 'the source', settings: { ...FAST, allow_in_place_tablespaces: 'on' } }),
    startServer({ number: 14, title: 'the target', settings: FAST }),
  ]);
  empty = (await makeDatabases(source, target)).target;
  await source.sql("create tablespace elsewhere location ''", 'postgres');
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

async function prepared({ made, onSource, onTarget }: Case['neighbour']): Promise<Databases> {
  const databases = onTarget === undefined ? await besides(source, target, empty) : await makeDatabases(source, target);
  if (made !== undefined) await databases.make(made);
  if (onSource !== undefined) await databases.onSource(onSource);
  if (onTarget !== undefined) await databases.onTarget(onTarget);
  return databases;
}

async function findingsOf(databases: Databases, options?: MoveOptions): Promise<readonly Finding[]> {
  return preflight(databases.move(options));
}

const idsOf = (findings: readonly Finding[]): string[] => findings.map(({ id }) => id);

describe.each(CASES)('$level $id: $says', ({ id, level, says, neighbour, tables, ...given }) => {
  test('is found', async () => {
    const findings = await findingsOf(await prepared(given), tables && { tables });
    expect(findings.filter((finding) => finding.id === id)).toEqual([
      {
        ...{ id, level },
        what: typeof says === 'string' ? expect.stringContaining(says) : expect.stringMatching(says),
        remedy: id === 'large-objects-stay' ? '' : expect.stringMatching(/./),
      },
    ]);
  });

  test('its neighbour is not', async () => {
    const findings = await findingsOf(await prepared(neighbour), neighbour.tables && { tables: neighbour.tables });
    expect(idsOf(findings)).not.toContain(id);
  });
});

test('a plain database has nothing against it', async () => {
  const findings = await findingsOf(await prepared({ made: TWO }));
  expect(findings).toEqual([
    expect.objectContaining({ id: 'slot-unbounded', level: 'note' }),
    expect.objectContaining({ id: 'room', level: 'note', what: expect.stringMatching(/^0\.0 GiB are copied/) }),
  ]);
});

test('of many names, the first five are told and how many more', async () => {
  const many = Array.from({ length: 7 }, (_, n) => `create unlogged table t${n} (id int primary key)`).join(';');
  const findings = await findingsOf(await prepared({ made: many }));
  expect(findings.find(({ id }) => id === 'unlogged-tables')?.what).toMatch(/: public\.t0, .*public\.t4 and 2 more$/);
});

test('while a move is under way, nothing of its own speaks against it', async () => {
  const databases = await prepared({ made: `${trigger('select 1')} create table b (note text)`, onTarget: 'select 1' });
  const move = databases.move();
  await start(move);
  const findings = await preflight(move);
  await abandon(move);
  expect(idsOf(findings)).toEqual(['slot-unbounded', 'no-key', 'room']);
});

test('the data set of the gate may move, as a whole and some of its tables', async () => {
  await makeDataSet(source, 1000);
  const move = { ...(await prepared({})).move(), source: source.side };
  for (const tables of ['all', MOVED] as const) {
    const findings = await preflight({ ...move, tables });
    expect(findings.filter(({ level }) => level !== 'note')).toEqual([]);
  }
});
