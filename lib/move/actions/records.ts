import { type Inventory, readInventory, schemaChanged } from '../inventory';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { readRecord, type SideRecord } from '../record';
import { asOwner } from '../session';
import type { Place } from '../side';

export interface Records {
  readonly source: SideRecord;
  readonly target: SideRecord;
}

/** @throws MoveError unless all rows have been copied. */
export async function readyRecords(move: Move): Promise<Records> {
  const source = await asOwner(move.source, (client) => readRecord(client, move.id));
  if (source === undefined) throw new MoveError(`${move.id} has not been started: run check, then start`);
  if (source.step === 'copying') throw new MoveError(`${move.id} is still copying: start goes on where it was`);
  if (source.step === 'finished') throw new MoveError(`${move.id} is finished: there is nothing to do but to contract`);
  const target = await asOwner(move.target, (client) => readRecord(client, move.id));
  if (target === undefined) {
    throw new MoveError(`${move.target.title} knows nothing of ${move.id}: is it the database that was copied to?`);
  }
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

/** Message for a move that neither side takes writes of: what completes it. */
export function interrupted(move: Move, opening: Place): string {
  return `a switch to ${move[opening].title} was interrupted: ${opening === 'target' ? 'switch' : 'back'} completes it`;
}

/** Inventory of the source. @throws MoveError when the schema is no longer what it was, on either side. */
export async function unchangedInventory(move: Move, { source }: Pick<Records, 'source'>): Promise<Inventory> {
  for (const place of ['source', 'target'] as const) {
    const inventory = await asOwner(move[place], (client) => readInventory(client, move.tables));
    if (source.details.fingerprint !== inventory.fingerprint) throw schemaChanged(move, place);
  }
  return await asOwner(move.source, (client) => readInventory(client, move.tables));
}
