import { setTimeout as pause } from 'node:timers/promises';
import { type Freeze, freeze, type Thawed } from '../freeze';
import { setGuards } from '../guards';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { namesOf } from '../names';
import { quoted } from '../quoted';
import { servingOf, writeClosed, writeDetails } from '../record';
import type { Frozen } from '../results';
import { carrySequences } from '../sequences';
import { asOwner, closeSession } from '../session';
import { otherPlace, type Place } from '../side';
import { compareRows } from '../verify';
import { vacuumGivesWay } from '../with-locks';
import { type Records, readyRecords, unchangedInventory } from './records';

/** Time in which users come to the side that serves now, milliseconds. */
const COMING_MILLISECONDS = 1000;

/** Freezes in the direction that is next, and rolls it back. */
export async function rehearseTurn(move: Move): Promise<Frozen> {
  const records = await readyRecords(move);
  const serving = servingOf(records.source, records.target);
  if ('opening' in serving) throw new MoveError(interrupted(move, serving.opening));
  const inventory = await unchangedInventory(move, records);
  const props = {
    move,
    names: namesOf(move.id),
    inventory,
    from: serving.at,
    epoch: nextEpoch(records),
    commits: false,
  };
  return await compared(props, await freeze(props));
}

/**
 * Lets users write at another place, or completes what an interrupted switch began. Can be run again: when they write there
 * already, it tells the nodes once more, and compares the rows when that was missed.
 */
export async function turnTo(move: Move, to: Place): Promise<Frozen> {
  const until = performance.now() + move.limits.patienceSeconds * 1000;
  for (;;) {
    const records = await readyRecords(move);
    const serving = servingOf(records.source, records.target);
    if ('opening' in serving) await open(move, serving.opening, records);
    else if (serving.at === to) return await already(move, to, records);
    else {
      const frozen = await turn(move, serving.at, records, until);
      if (frozen !== undefined) return frozen;
    }
  }
}

/** @returns Undefined when it is not known whether it has worked: look again. */
async function turn(move: Move, from: Place, records: Records, until: number): Promise<Frozen | undefined> {
  const inventory = await unchangedInventory(move, records);
  const props = { move, names: namesOf(move.id), inventory, from, epoch: nextEpoch(records), commits: true };
  // Before it is decided: a proof of before is none of this switch.
  await asOwner(move.source, (client) => writeDetails(client, move.id, { verifiedAt: undefined, frozen: undefined }));
  let thawed: Thawed;
  try {
    thawed = await freeze(props);
  } catch (error) {
    if (error instanceof MoveError || performance.now() > until) throw error;
    const why = error instanceof Error ? error.message : String(error);
    move.report(`the freeze was interrupted (${why}); looking where it stands`);
    await pause(500);
    return undefined;
  }
  const to = otherPlace(from);
  const told = move.announce(to).catch((error: unknown) => ({ error }));
  // The snapshots keep: those who come anew, all at once, go first.
  await pause(COMING_MILLISECONDS);
  const frozen = await compared(props, thawed);
  await remember(move, frozen);
  const answer = await told;
  if (answer !== undefined) throw notTold(move, to, answer.error);
  return frozen;
}

/** Users write there already. */
async function already(move: Move, to: Place, records: Records): Promise<Frozen> {
  await move.announce(to).catch((error: unknown) => {
    throw notTold(move, to, error);
  });
  const { frozen, verifiedAt } = records.source.details;
  if (frozen !== undefined && verifiedAt !== undefined && frozen.to === to) return frozen;
  // The snapshots of the switch have gone with whoever made it: a rehearsal of the way back sees both sides at one moment.
  move.report('comparing the rows of both sides');
  const { verification, ...rehearsed } = await rehearseTurn(move);
  const made = { ...(frozen ?? { ...rehearsed, from: otherPlace(to), to }), verification };
  await remember(move, made);
  return made;
}

async function remember(move: Move, frozen: Frozen): Promise<void> {
  const verified = frozen.verification.equal ? { verifiedAt: new Date().toISOString() } : {};
  await asOwner(move.source, (client) => writeDetails(client, move.id, { frozen, ...verified }));
}

/** Opens a side that an interrupted switch had decided for. It has all rows: nothing was decided before they were there. */
async function open(move: Move, place: Place, records: Records): Promise<void> {
  move.report(`completing the switch to ${move[place].title}`);
  const inventory = await unchangedInventory(move, records);
  const other = otherPlace(place);
  await asOwner(move[other], (closed) =>
    asOwner(move[place], async (client) => {
      await client.query('begin');
      await client.query(vacuumGivesWay(inventory.tables));
      const tables = inventory.tables.map((table) => `only ${quoted(table)}`).join(', ');
      await client.query(`lock table ${tables} in share row exclusive mode`);
      if (!(await writeClosed(client, move.id, { closed: false, epoch: records[other].epoch }))) {
        throw new MoveError(`another mover has switched ${move.id} meanwhile: see what status says`);
      }
      await carrySequences(inventory.sequences, closed, client, move.limits.sequenceGap);
      await client.query(setGuards(namesOf(move.id), inventory, false));
      await client.query('commit');
    }),
  );
}

async function compared({ move, inventory, from }: Freeze, thawed: Thawed): Promise<Frozen> {
  const { lockingMilliseconds, lockedMilliseconds, triesBefore, snapshots } = thawed;
  try {
    const verification = await compareRows(inventory, snapshots.from, snapshots.to);
    const words = verification.equal ? 'equal' : `not equal (${verification.differences.join('; ')})`;
    move.report(`${verification.rows} rows of ${verification.tables} tables are ${words}`);
    return { from, to: otherPlace(from), lockingMilliseconds, lockedMilliseconds, triesBefore, verification };
  } finally {
    await Promise.all([closeSession(snapshots.from), closeSession(snapshots.to)]);
  }
}

function nextEpoch({ source, target }: Records): number {
  return Math.max(source.epoch, target.epoch) + 1;
}

function interrupted(move: Move, opening: Place): string {
  return `a switch to ${move[opening].title} was interrupted: ${opening === 'target' ? 'switch' : 'back'} completes it`;
}

function notTold(move: Move, to: Place, error: unknown): MoveError {
  const why = error instanceof Error ? error.message : String(error);
  return new MoveError(
    `users are to write to ${move[to].title}, and the nodes could not be told (${why}): run ${to === 'target' ? 'switch' : 'back'} again`,
  );
}
