import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { abandonMove } from '../../lib/move/actions/abandon';
import { unchangedInventory } from '../../lib/move/actions/records';
import { startMove } from '../../lib/move/actions/start';
import { turnTo } from '../../lib/move/actions/turn';
import { freeze } from '../../lib/move/freeze';
import type { Move } from '../../lib/move/move';
import { abandon, back, finish, start, status, switchOver } from '../../lib/move/mover';
import { namesOf } from '../../lib/move/names';
import { keyOf, readRecord, type SideRecord } from '../../lib/move/record';
import { asOwner } from '../../lib/move/session';
import { type Databases, makeDatabases } from './databases';
import { PROMPT, type Server, startServer } from './servers';

// Movers that lost their lock with their network, and go on while another one is at work: they act on no move but their own, and the last
// word that nodes hear is where users write.

let source: Server;
let target: Server;
beforeAll(async () => {
  const settings = { ...PROMPT, fsync: 'off' };
  [source, target] = await Promise.all([
    startServer({ number: 46, title: 'the source', settings }),
    startServer({ number: 47, title: 'the target', settings }),
  ]);
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

interface Trial {
  readonly databases: Databases;
  readonly move: Move;
  /** What nodes were told, such as `target 1`. */
  readonly told: string[];
}

async function made(id: string): Promise<Trial> {
  const databases = await makeDatabases(source, target);
  await databases.make("create table a (id serial primary key, note text); insert into a (note) values ('one')");
  const told: string[] = [];
  const announce: Move['announce'] = async (place, { epoch }) => void told.push(`${place} ${epoch}`);
  return { databases, told, move: { ...databases.move({ id }), announce } };
}

async function recordOf(move: Move): Promise<SideRecord> {
  const record = await asOwner(move.source, (client) => readRecord(client, move.id));
  if (record === undefined) throw new Error('there is no record');
  return record;
}

const A_USER = "set role app_owner; insert into a (note) values ('a user')";

test('a switch that comes late closes no move that was begun anew under the same name', async () => {
  const { databases, move } = await made('anew');
  await start(move);
  const record = await recordOf(move);
  const inventory = await unchangedInventory(move, { source: record });
  await abandon(move);
  await start(move);
  const key = keyOf(move.id, record);
  const late = freeze({ move, key, names: namesOf(move.id), inventory, from: 'source', epoch: 1, commits: true });
  await expect(late).rejects.toThrow('another mover has switched anew meanwhile');
  await databases.onSource(A_USER);
  expect(await status(move)).toMatchObject({ serving: 'source', epoch: 0, problems: [] });
  await abandon(move);
});

test('a start whose move was begun anew by another one meanwhile does not call that whole', async () => {
  const { databases, move } = await made('copied');
  const another = `update beamstalk_move.moves set details = details || '{"pair": "another"}'`;
  let changed: Promise<unknown> | undefined;
  const report = (line: string): void => {
    if (line !== 'making indexes and constraints') return;
    changed = Promise.all([databases.onSource(another), databases.onTarget(another)]);
  };
  await expect(start({ ...move, report })).rejects.toThrow('another mover has abandoned copied meanwhile');
  await changed;
  expect((await recordOf(move)).step).toBe('copying');
  await abandon(move);
});

/** Announces as a mover whose word takes long: another one turns before the nodes hear of it. */
function overtakenBy(move: Move, turn: () => Promise<unknown>): Move {
  let turned = false;
  return {
    ...move,
    announce: async (place, number) => {
      if (!turned) {
        turned = true;
        await turn();
      }
      await move.announce(place, number);
    },
  };
}

test('finish that another mover has overtaken tells the nodes where users write since', async () => {
  const { databases, move, told } = await made('finishing');
  await start(move);
  await switchOver(move);
  const late = overtakenBy(move, () => turnTo(move, 'source'));
  await expect(finish(late)).rejects.toThrow('another mover has switched finishing meanwhile');
  expect(told.slice(1)).toEqual(['source 2', 'target 1', 'source 2']);
  expect(await status(move)).toMatchObject({ step: 'ready', epoch: 2, serving: 'source', problems: [] });
  await databases.onSource(A_USER);
  await abandon(move);
});

test('abandon after a way back, when another mover has switched and come back since, ends nothing', async () => {
  const { move, told } = await made('abandoning');
  await start(move);
  await switchOver(move);
  await back(move);
  const late = overtakenBy(move, async () => {
    await turnTo(move, 'target');
    await turnTo(move, 'source');
  });
  await expect(abandon(late)).rejects.toThrow('another mover has switched abandoning meanwhile');
  expect(told.slice(2)).toEqual(['target 3', 'source 4', 'source 2', 'source 4']);
  expect(await status(move)).toMatchObject({ step: 'ready', epoch: 4, serving: 'source', problems: [] });
  await abandon(move);
});

test.each([
  ['a switch', (move: Move) => switchOver(move)],
  [
    'a switch that is said again',
    async (move: Move) => {
      await switchOver({ ...move, announce: () => Promise.resolve() });
      return switchOver(move);
    },
  ],
])('%s whose word comes after that of the way back tells the nodes of that once more', async (what, switching) => {
  const { move, told } = await made(`turning_${what.length}`);
  await start(move);
  const said = switching(overtakenBy(move, () => turnTo(move, 'source')));
  await expect(said).rejects.toThrow('meanwhile');
  expect(told).toEqual(['source 2', 'target 1', 'source 2']);
  expect(await status(move)).toMatchObject({ epoch: 2, serving: 'source', next: 'rehearse, then switch; or abandon' });
  await abandon(move);
});

test.each([
  ['switch', switchOver],
  ['finish', finish],
] as const)(
  '%s whose word comes after a way back and the end of the move tells the nodes where they are',
  async (name, act) => {
    const { databases, move, told } = await made(`ended_${name}`);
    await start(move);
    if (name === 'finish') await switchOver(move);
    told.length = 0;
    const late = overtakenBy(move, async () => {
      await turnTo(move, 'source');
      await abandonMove(move);
    });
    await expect(act(late)).rejects.toThrow(`another mover has switched ended_${name} meanwhile`);
    expect(told.slice(-2)).toEqual(['target 1', 'source 2']);
    expect(await status(move)).toMatchObject({ step: 'new', next: 'check, then start' });
    await databases.onSource(A_USER);
  },
);

test('nodes that cannot be told again: the error says what to do', async () => {
  const { move } = await made('silent');
  await start(move);
  await switchOver(move);
  let times = 0;
  const late: Move = {
    ...move,
    announce: async () => {
      if (++times > 1) throw new Error('nobody answers');
      await turnTo(move, 'source');
    },
  };
  await expect(finish(late)).rejects.toThrow(
    'another mover has switched silent meanwhile: see what status says; the nodes may go by an older word (nobody answers): tell them that users write to the source',
  );
  await abandon(move);
});

test('an abandon that slept while another mover began anew takes nothing of that away', async () => {
  const { databases, move } = await made('slept');
  await start(move);
  const { query } = Client.prototype;
  let [slept, looks] = [false, 0];
  // Between two steps, after it has written that it abandons: it has looked at both records before, and at its own after each step.
  Client.prototype.query = function sleeping(this: Client, ...given: unknown[]): unknown {
    const send = (): unknown => Reflect.apply(query, this, given);
    if (slept || !String(given[0]).startsWith('select step, closed') || ++looks < 5) return send();
    slept = true;
    return abandonMove(move)
      .then(() => startMove(move))
      .then(send);
  } as typeof query;
  const late = abandonMove(move).finally(() => {
    Client.prototype.query = query;
  });
  await expect(late).rejects.toThrow('another mover has switched slept meanwhile');
  expect(slept).toBe(true);
  expect(await databases.onTarget('select count(*)::int as rows from a')).toEqual([{ rows: 1 }]);
  expect((await recordOf(move)).step).toBe('ready');
});

test('a word of one who was overtaken is not the last when another turn comes before it', async () => {
  const { move, told } = await made('again');
  await start(move);
  let turns = 0;
  const late: Move = {
    ...move,
    announce: async (place, number) => {
      turns += 1;
      if (turns <= 2) await turnTo(move, turns === 1 ? 'source' : 'target');
      await move.announce(place, number);
    },
  };
  await expect(switchOver(late)).rejects.toThrow('another mover has switched again meanwhile');
  expect(told).toEqual(['source 2', 'target 1', 'target 3', 'source 2', 'target 3']);
  expect(await status(move)).toMatchObject({ serving: 'target', epoch: 3 });
});
