import { overtaken } from '../freeze';
import { type Inventory, readInventory, schemaChanged } from '../inventory';
import { leftOver } from '../left-over';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { numberOf, proofOf, readRecord, type SideRecord, servingOf } from '../record';
import { ANSWER_MILLISECONDS, asOwner } from '../session';
import type { Place } from '../side';
import type { SwitchNumber } from '../switch-number';
import type { Standing } from '../trouble';
import { reasonOf } from './reason-of';

export interface Records {
  readonly source: SideRecord;
  readonly target: SideRecord;
}

/** @throws MoveError unless all rows have been copied. */
export async function readyRecords(move: Move): Promise<Records> {
  const source = await asOwner(move.source, (client) => readRecord(client, move.id), ANSWER_MILLISECONDS);
  if (source === undefined) throw new MoveError(`${move.id} has not been started: run check, then start`);
  if (source.step === 'copying') throw new MoveError(`${move.id} is still copying: start goes on where it was`);
  if (source.step === 'finished') throw await finished(move);
  if (source.step === 'abandoning') throw halfAbandoned(move);
  const target = await asOwner(move.target, (client) => readRecord(client, move.id), ANSWER_MILLISECONDS);
  if (target === undefined) throw unknownTarget(move);
  samePair(move, source, target);
  return { source, target };
}

/**
 * A move of the same name in another environment has a target of the same tables, which a slip in the file takes for this
 * one's: `abandon` would drop it.
 *
 * @throws MoveError unless both sides were begun together, and one of them alone takes writes.
 */
export function samePair({ id, source: { title }, target: other }: Move, source: SideRecord, target: SideRecord): void {
  if (source.details.pair !== target.details.pair || !(source.closed || target.closed)) {
    throw new MoveError(`${title} and ${other.title} are not of one move ${id}: is the file that of another one?`);
  }
}

/** The target has a copy of a source that is not this one: it is gone, or the file names another. */
export function unknownSource({ id, source, target }: Move): MoveError {
  return new MoveError(
    `${source.title} knows nothing of ${id}, and ${target.title} has a copy of that name: ${source.title} is not the database that was copied from`,
  );
}

/** The source has copied to a target that is not this one: it is gone, or the file names another. */
export function unknownTarget({ id, target: { title } }: Move): MoveError {
  return new MoveError(`${title} knows nothing of ${id}: is it the database that was copied to?`);
}

/** Some of what the move has made is gone, and nothing but the rest of it can follow. */
export function halfAbandoned({ id }: Move): MoveError {
  return new MoveError(`abandon of ${id} was interrupted: run abandon once more, then start anew`);
}

/** Message for a move that is finished, also where `finish` was interrupted and has left something. */
export async function finished(move: Move): Promise<MoveError> {
  const left = await leftOver(move).catch((error: unknown) => [reasonOf(error)]);
  return new MoveError(
    left.length === 0
      ? `${move.id} is finished: there is nothing to do but to contract`
      : `${move.id} is finished, but for what was interrupted (${left.join('; ')}): run finish once more`,
  );
}

/** Message for a move that neither side takes writes of: what completes it. */
export function interrupted(move: Move, opening: Place): string {
  return `a switch to ${move[opening].title} was interrupted: ${opening === 'target' ? 'switch' : 'back'} completes it`;
}

/** Whoever has not heard of the last switch writes to a side that nobody could tell it to leave afterwards. */
export async function tellAgain(
  move: Move,
  record: SideRecord,
  serving: Place,
  done: 'finished' | 'abandoned',
): Promise<void> {
  const number = numberOf(record, record.epoch);
  const told = async (): Promise<void> => {
    await move.prepareToAnnounce?.(number);
    await move.announce(serving, number);
  };
  await told().catch((error: unknown) => {
    throw new MoveError(
      `${move.id} is not ${done}: the nodes could not be told (${reasonOf(error)}): run the same again`,
    );
  });
}

/**
 * Error of an action that has told the nodes of its switch and finds that another mover has switched since, or has ended the move: its own
 * word may be the last one that they have heard, so they are told what holds now.
 *
 * @param number Of the word that they were told.
 */
export async function overtakenAfterTelling(move: Move, number: SwitchNumber): Promise<MoveError> {
  const found = overtaken(move);
  let word: Word | undefined;
  try {
    // Whoever completes a switch that was interrupted tells them. Another one may come before this word too.
    for (let last: Word | undefined, tries = 0; tries < MOST_WORDS; tries++) {
      word = await wordOf(move, number);
      if (word === undefined || (last !== undefined && isSame(word, last))) return found;
      await move.announce(word.at, word.number);
      last = word;
    }
    return found;
  } catch (error) {
    const where =
      word === undefined ? 'where status says that users write' : `that users write to ${move[word.at].title}`;
    return new MoveError(
      `${found.message}; the nodes may go by an older word (${reasonOf(error)}): tell them ${where}`,
    );
  }
}

/** Words of an action that others overtake again and again, at most. */
const MOST_WORDS = 5;

function isSame(one: Word, other: Word): boolean {
  return one.number.begun === other.number.begun && one.number.epoch === other.number.epoch;
}

interface Word {
  readonly at: Place;
  readonly number: SwitchNumber;
}

/** Place that users write to by now; undefined while an interrupted switch has closed both sides. */
async function wordOf(move: Move, { begun, epoch }: SwitchNumber): Promise<Word | undefined> {
  const source = await asOwner(move.source, (client) => readRecord(client, move.id), ANSWER_MILLISECONDS);
  // Abandoned, after a way back: it had the next number at least.
  if (source === undefined) return { at: 'source', number: { begun, epoch: epoch + 1 } };
  if (source.step === 'finished') return { at: 'target', number: numberOf(source, source.epoch) };
  if (!source.closed) return { at: 'source', number: numberOf(source, source.epoch) };
  const { target } = await readyRecords(move);
  const serving = servingOf(source, target);
  return 'at' in serving
    ? { at: serving.at, number: numberOf(source, Math.max(source.epoch, target.epoch)) }
    : undefined;
}

/** Inventory of the source. @throws MoveError when the schema is no longer what it was, on either side. */
export async function unchangedInventory(
  move: Move,
  records: Pick<Records, 'source'> & Partial<Records>,
): Promise<Inventory> {
  const { source, target } = records;
  for (const place of ['source', 'target'] as const) {
    const inventory = await asOwner(move[place], (client) => readInventory(client, move.tables), ANSWER_MILLISECONDS);
    if (source.details.fingerprint !== inventory.fingerprint)
      throw schemaChanged(
        move,
        place,
        target === undefined ? 'unknown' : (standingOf(source, target) ?? 'interrupted'),
      );
  }
  return await asOwner(move.source, (client) => readInventory(client, move.tables), ANSWER_MILLISECONDS);
}

/** Undefined while an interrupted switch has closed both sides. */
export function standingOf(source: SideRecord, target: SideRecord): Standing | undefined {
  const serving = servingOf(source, target);
  if ('opening' in serving) return undefined;
  return { at: serving.at, verified: proofOf(source, Math.max(source.epoch, target.epoch)) !== undefined };
}
