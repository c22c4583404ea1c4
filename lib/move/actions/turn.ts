import { setTimeout as pause } from 'node:timers/promises';
import { type Freeze, freeze, type Thawed } from '../freeze';
import { setGuards } from '../guards';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { namesOf } from '../names';
import { quoted } from '../quoted';
import { numberOf, servingOf, writeClosed, writeDetails } from '../record';
import type { Frozen } from '../results';
import { carrySequences } from '../sequences';
import { asOwner, closeSession } from '../session';
import { otherPlace, type Place } from '../side';
import { compareRows } from '../verify';
import { vacuumGivesWay } from '../with-locks';
import { reasonOf } from './reason-of';
import { interrupted, type Records, readyRecords, unchangedInventory } from './records';

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
  const number = numberOf(records.source, props.epoch);
  await move.prepareToAnnounce?.(number).catch((error: unknown) => {
    throw new MoveError(
      `nothing has changed, because the nodes could not be told (${reasonOf(error)}): run the same again`,
    );
  });
  // Before it is decided: a proof of before is none of this switch.
  await asOwner(move.source, (client) => writeDetails(client, move.id, { verifiedAt: undefined, frozen: undefined }));
  let thawed: Thawed;
  try {
    thawed = await freeze(props);
  } catch (error) {
    await keepProof(move, records).catch(() => undefined);
    if (error instanceof MoveError || performance.now() > until) throw error;
    move.report(`the freeze was interrupted (${reasonOf(error)}); looking where it stands`);
    await pause(500);
    return undefined;
  }
  const to = otherPlace(from);
  const decided = performance.now();
  const told = move.announce(to, number).then(
    async () => {
      move.report(`the nodes were told ${Math.ceil(performance.now() - decided)} ms after the switch`);
      await rememberTold(move, props.epoch);
      return undefined;
    },
    (error: unknown) => ({ error }),
  );
  // The snapshots keep: those who come anew, all at once, go first.
  await pause(COMING_MILLISECONDS);
  const judged = await judge(props, thawed);
  const answer = await told;
  if (answer !== undefined) {
    const besides = 'error' in judged ? `; nor were the rows compared (${reasonOf(judged.error)})` : '';
    throw notTold(move, to, `${reasonOf(answer.error)}${besides}`);
  }
  if ('error' in judged) throw judged.error;
  return judged.frozen;
}

/**
 * A turn that was not decided leaves the proof of the one before as it was. Otherwise a change of the schema meanwhile, after which rows cannot be
 * compared any more, would leave no way but that change: neither back nor to the end.
 */
async function keepProof(move: Move, before: Records): Promise<void> {
  const { verifiedAt, frozen } = before.source.details;
  const now = await readyRecords(move);
  const isUndecided = (['source', 'target'] as const).every(
    (place) => now[place].epoch === before[place].epoch && now[place].closed === before[place].closed,
  );
  if (isUndecided) await asOwner(move.source, (client) => writeDetails(client, move.id, { verifiedAt, frozen }));
}

/** The comparison, or why there is none: whether nodes were told is asked in any case. */
async function judge(
  props: Freeze,
  thawed: Thawed,
): Promise<{ readonly frozen: Frozen } | { readonly error: unknown }> {
  try {
    const frozen = await compared(props, thawed);
    await remember(props.move, frozen);
    return { frozen };
  } catch (error) {
    return { error };
  }
}

/** Users write there already. */
async function already(move: Move, to: Place, records: Records): Promise<Frozen> {
  const number = numberOf(records.source, Math.max(records.source.epoch, records.target.epoch));
  await move.announce(to, number).catch((error: unknown) => {
    throw notTold(move, to, reasonOf(error));
  });
  await rememberTold(move, number.epoch);
  const { frozen, verifiedAt } = records.source.details;
  if (frozen !== undefined && verifiedAt !== undefined && frozen.to === to) return frozen;
  // The snapshots of the switch have gone with whoever made it: a rehearsal of the way back sees both sides at one moment.
  move.report('comparing the rows of both sides');
  const { verification, ...rehearsed } = await rehearseTurn(move);
  const made = { ...(frozen ?? { ...rehearsed, from: otherPlace(to), to }), verification };
  await remember(move, made);
  return made;
}

/** Not worth a failure: what is not written is told once more. */
async function rememberTold(move: Move, told: number): Promise<void> {
  await asOwner(move.source, (client) => writeDetails(client, move.id, { told })).catch(() => undefined);
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

function notTold(move: Move, to: Place, reason: string): MoveError {
  return new MoveError(
    `users are to write to ${move[to].title}, and the nodes could not be told (${reason}): run ${to === 'target' ? 'switch' : 'back'} again`,
  );
}
