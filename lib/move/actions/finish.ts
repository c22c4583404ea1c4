import type { Client } from 'pg';
import { dropGuards } from '../guards';
import { type Inventory, readInventory } from '../inventory';
import { MOVE_SCHEMA, type Move } from '../move';
import { MoveError } from '../move-error';
import { namesOf } from '../names';
import { quoted } from '../quoted';
import {
  comparisonOf,
  type Details,
  keyOf,
  numberOf,
  proofOf,
  type RecordKey,
  readRecord,
  type SideRecord,
  servingOf,
  writeFinished,
} from '../record';
import { directionsOf, dropRole, identify, stopReplicating } from '../replication';
import type { Evidence, NoEvidence } from '../results';
import { asOwner } from '../session';
import { UNPROVEN, WITHOUT_PROOF } from '../trouble';
import { interrupted, overtakenAfterTelling, readyRecords, tellAgain } from './records';

/** Demand on a move that ends: a proof that rows were equal after the last switch, or none, where its operator says so. */
export type Proof = 'asked' | 'waived';

/**
 * Writes first that it is finished, then takes away what was for the way back: run again, it goes on with that. Where a move was finished
 * without a proof of the last switch, all of that goes too, since a slot that nobody reads fills the disk.
 *
 * @returns The last record, which has the proof or none.
 */
export async function finishMove(move: Move, proof: Proof): Promise<SideRecord> {
  const before = await asOwner(move.source, (client) => readRecord(client, move.id));
  const record = before?.step === 'finished' ? before : await mayFinish(move, proof);
  const number = numberOf(record, record.epoch);
  // Also when it had ended before: the gate asks that record and word have one writer, and another may have told the nodes since.
  await tellAgain(move, record, 'target', 'finished');
  if (!(await asOwner(move.source, (client) => writeFinished(client, move.id, number)))) {
    throw await overtakenAfterTelling(move, number);
  }
  const names = namesOf(move.id);
  const { forward, backward } = directionsOf(move, names);
  await stopReplicating(backward);
  await stopReplicating(forward);
  await dropRole(move.source, names.forward);
  await dropRole(move.target, names.backward);
  await asOwner(move.target, async (client) => {
    const inventory = await readInventory(client, move.tables);
    await dropGuards(client, names, inventory, move.limits);
    await identify(client, stillThere(inventory, record.details), 'default', move.limits);
    await forget(client, keyOf(move.id, record));
  });
  await asOwner(move.source, (client) => client.query(`drop table if exists ${quoted(names.marker)}`));
  return record;
}

async function mayFinish(move: Move, proof: Proof): Promise<SideRecord> {
  const records = await readyRecords(move);
  const serving = servingOf(records.source, records.target);
  if ('opening' in serving) throw new MoveError(interrupted(move, serving.opening));
  if (serving.at !== 'target') {
    throw new MoveError(`users do not write to ${move.target.title} yet: run switch first`);
  }
  const epoch = Math.max(records.source.epoch, records.target.epoch);
  if (proofOf(records.source, epoch) !== undefined) return records.source;
  const differences = comparisonOf(records.source, epoch)?.frozen.verification.differences ?? [];
  const what = differences.length > 0 ? `rows differ (${differences.join('; ')})` : 'rows were not compared';
  if (proof === 'waived') {
    move.report(`${what}, and ${move.id} is finished as it is`);
    return records.source;
  }
  throw new MoveError(
    `${move.id} cannot be finished: ${what}: run ${differences.length > 0 ? 'back' : 'switch again'}; where status says that there is no way back any more, ${WITHOUT_PROOF}`,
  );
}

/** @throws MoveError when the move is finished, and nothing is proven. */
export function evidenceOf(move: Move, record: SideRecord): Evidence {
  const end = endOf(move, record);
  if (!('proven' in end)) return end;
  throw new MoveError(`${move.id} is finished, and ${UNPROVEN}; finish --without-proof takes note of that`);
}

export function endOf({ id }: Move, record: SideRecord): Evidence | NoEvidence {
  const end = { move: id, ...numberOf(record, record.epoch) };
  const proof = proofOf(record, record.epoch);
  if (proof === undefined) return { ...end, proven: false };
  const { tables, rows, digest } = proof.frozen.verification;
  return { ...end, tables, rows, digest, verifiedAt: proof.at };
}

/** Tables that had no identity before the move and are there yet. */
export function stillThere(inventory: Inventory, { identities = [] }: Details): Inventory['tables'] {
  return inventory.tables.filter((table) => identities.some((one) => quoted(one) === quoted(table)));
}

/** Takes away what a move keeps of itself on one side; the schema too, when no other move needs it. */
export async function forget(owner: Client, { move, pair }: RecordKey): Promise<void> {
  const { rows } = await owner.query<{ moves: string | null }>(
    `select to_regclass('${MOVE_SCHEMA}.moves')::text as moves`,
  );
  if (rows[0]?.moves === null || rows[0] === undefined) return;
  await owner.query(`drop table if exists ${quoted(namesOf(move).marker)}`);
  // Locked, so that no other move begins between the look and the drop, which would take its guards along.
  await owner.query(`begin; lock table ${MOVE_SCHEMA}.moves in access exclusive mode`);
  await owner.query(`delete from ${MOVE_SCHEMA}.moves where move = $1 and details->>'pair' is not distinct from $2`, [
    move,
    pair,
  ]);
  const { rowCount } = await owner.query(`select from ${MOVE_SCHEMA}.moves limit 1`);
  if (rowCount === 0) await owner.query(`drop schema ${MOVE_SCHEMA} cascade`);
  await owner.query('commit');
}
