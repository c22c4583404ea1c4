import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { commit, type Freeze, freeze, Overtaken, overtaken, type Thawed } from '../freeze';
import { setGuards } from '../guards';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { namesOf } from '../names';
import { quoted } from '../quoted';
import { comparisonOf, keyOf, numberOf, proofOf, readRecord, servingOf, writeClosed, writeOfSwitch } from '../record';
import type { Frozen } from '../results';
import { carrySequences } from '../sequences';
import { ANSWER_MILLISECONDS, asOwner, closeSession } from '../session';
import { otherPlace, type Place } from '../side';
import type { SwitchNumber } from '../switch-number';
import { compareRows } from '../verify';
import { vacuumGivesWay } from '../with-locks';
import { orLookAgain, type Turning } from './look-again';
import { reasonOf } from './reason-of';
import { interrupted, overtakenAfterTelling, type Records, readyRecords, unchangedInventory } from './records';

/** Time in which users come to the side that serves now, milliseconds. */
const COMING_MILLISECONDS = 1000;

/** Freezes in the direction that is next, and rolls it back. */
export async function rehearseTurn(move: Move): Promise<Frozen> {
  return await rehearsed(move, await readyRecords(move));
}

/** A rehearsal fails when another mover has switched since these records. */
async function rehearsed(move: Move, records: Records): Promise<Frozen> {
  const serving = servingOf(records.source, records.target);
  if ('opening' in serving) throw new MoveError(interrupted(move, serving.opening));
  const inventory = await unchangedInventory(move, records);
  const props = {
    move,
    key: keyOf(move.id, records.source),
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
  const turning: Turning = {
    to,
    until: performance.now() + move.limits.patienceSeconds * 1000,
    isInterrupted: await mayBeInterrupted(move),
    doubts: 0,
  };
  for (;;) {
    const records = turning.isInterrupted
      ? await orLookAgain(move, turning, () => readyRecords(move))
      : await readyRecords(move);
    if (records === undefined) continue;
    const serving = servingOf(records.source, records.target);
    if ('opening' in serving) await orLookAgain(move, turning, () => open(move, serving.opening, records));
    else if (serving.at === to) return await already(move, to, records);
    else {
      const frozen = await turn(move, serving.at, records, turning);
      if (frozen !== undefined) return frozen;
    }
  }
}

/** True when an earlier command has closed the source, and nobody says that it came to its end: both sides may be closed. */
async function mayBeInterrupted(move: Move): Promise<boolean> {
  const source = await asOwner(move.source, (client) => readRecord(client, move.id), ANSWER_MILLISECONDS);
  return source?.step === 'ready' && source.closed && source.details.told !== source.epoch;
}

/** @returns Undefined when it is not known whether it has worked: look again. */
async function turn(move: Move, from: Place, records: Records, turning: Turning): Promise<Frozen | undefined> {
  const inventory = await unchangedInventory(move, records);
  const key = keyOf(move.id, records.source);
  const props = { move, key, names: namesOf(move.id), inventory, from, epoch: nextEpoch(records), commits: true };
  const number = numberOf(records.source, props.epoch);
  await move.prepareToAnnounce?.(number).catch((error: unknown) => {
    throw new MoveError(
      `nothing has changed, because the nodes could not be told (${reasonOf(error)}): run the same again`,
    );
  });
  const thawed = await orLookAgain(move, turning, () => freeze(props));
  if (thawed === undefined) return undefined;
  const to = otherPlace(from);
  const decided = performance.now();
  const told: Promise<Told> = move.announce(to, number).then(
    async () => {
      move.report(`the nodes were told ${Math.ceil(performance.now() - decided)} ms after the switch`);
      return await rememberTold(move, number);
    },
    (error: unknown) => ({ error }),
  );
  // The snapshots keep: those who come anew, all at once, go first.
  await pause(COMING_MILLISECONDS);
  const judged = await judge(props, thawed, number);
  const answer = await told;
  // Whoever overtook may have told the nodes before this did.
  if (answer === 'overtaken' || ('error' in judged && judged.error instanceof Overtaken)) {
    throw await overtakenAfterTelling(move, number);
  }
  if (answer !== 'told') {
    const besides = 'error' in judged ? `; nor were the rows compared (${reasonOf(judged.error)})` : '';
    throw notTold(move, to, `${reasonOf(answer.error)}${besides}`);
  }
  if ('error' in judged) throw judged.error;
  return judged.frozen;
}

/** Outcome of telling the nodes of a switch. */
type Told = 'told' | 'overtaken' | { readonly error: unknown };

/** The comparison, or why there is none: whether nodes were told is asked in any case. */
async function judge(
  props: Freeze,
  thawed: Thawed,
  number: SwitchNumber,
): Promise<{ readonly frozen: Frozen } | { readonly error: unknown }> {
  try {
    const frozen = await compared(props, thawed);
    await remember(props.move, number, frozen);
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
  if ((await rememberTold(move, number)) === 'overtaken') throw await overtakenAfterTelling(move, number);
  const proof = proofOf(records.source, number.epoch);
  if (proof !== undefined) return proof.frozen;
  // The snapshots of the switch have gone with whoever made it: a rehearsal of the way back sees both sides at one moment.
  move.report('comparing the rows of both sides');
  const { verification, ...cost } = await rehearsed(move, records);
  const before = comparisonOf(records.source, number.epoch)?.frozen;
  const made = { ...(before ?? { ...cost, from: otherPlace(to), to }), verification };
  await remember(move, number, made);
  return made;
}

/** A source that does not answer is not worth a failure: what is not written is told once more. */
async function rememberTold(move: Move, number: SwitchNumber): Promise<'told' | 'overtaken'> {
  const details = { told: number.epoch };
  const written = asOwner(move.source, (client) => writeOfSwitch(client, move.id, number, details));
  return (await written.catch(() => true)) ? 'told' : 'overtaken';
}

/**
 * Keeps the comparison with the switch that it is of. So nothing needs to take it away before the next one is decided, nor to put it back
 * when that was not: a commit in doubt may land after either.
 */
async function remember(move: Move, number: SwitchNumber, frozen: Frozen): Promise<void> {
  const compared = { epoch: number.epoch, frozen, at: new Date().toISOString() };
  if (!(await asOwner(move.source, (client) => writeOfSwitch(client, move.id, number, { compared })))) {
    throw overtaken(move);
  }
}

/** Opens a side that an interrupted switch had decided for. It has all rows: nothing was decided before they were there. */
async function open(move: Move, place: Place, records: Records): Promise<void> {
  move.report(`completing the switch to ${move[place].title}`);
  const inventory = await unchangedInventory(move, records);
  const other = otherPlace(place);
  const opens = async (client: Client, closed: Client): Promise<void> => {
    await client.query('begin');
    await client.query(vacuumGivesWay(inventory.tables));
    const tables = inventory.tables.map((table) => `only ${quoted(table)}`).join(', ');
    await client.query(`lock table ${tables} in share row exclusive mode`);
    const { epoch } = records[other];
    if (!(await writeClosed(client, keyOf(move.id, records[other]), { closed: false, epoch }))) throw overtaken(move);
    await carrySequences(inventory.sequences, closed, client, move.limits.sequenceGap);
    await client.query(setGuards(namesOf(move.id), inventory, false));
    await commit(client);
  };
  await asOwner(
    move[other],
    (closed) => asOwner(move[place], (client) => opens(client, closed), ANSWER_MILLISECONDS),
    ANSWER_MILLISECONDS,
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
