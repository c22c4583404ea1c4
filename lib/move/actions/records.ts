import { type Inventory, readInventory } from '../inventory';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { readRecord, type SideRecord } from '../record';
import { asOwner } from '../session';

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
  return { source, target };
}

/** What moves, from the source. @throws MoveError when the schema is no longer what it was, on either side. */
export async function unchangedInventory(move: Move, { source }: Pick<Records, 'source'>): Promise<Inventory> {
  for (const side of [move.source, move.target]) {
    const inventory = await asOwner(side, (client) => readInventory(client, move.tables));
    if (source.details.fingerprint === inventory.fingerprint) continue;
    throw new MoveError(
      `the schema of ${side.title} has changed since the copy began: take the change back, or abandon and start anew (after back, if users write to ${move.target.title})`,
    );
  }
  return await asOwner(move.source, (client) => readInventory(client, move.tables));
}
