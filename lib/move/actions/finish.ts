import type { Client } from 'pg';
import { dropGuards } from '../guards';
import { type Inventory, readInventory } from '../inventory';
import { MOVE_SCHEMA, type Move } from '../move';
import { MoveError } from '../move-error';
import { namesOf } from '../names';
import { quoted } from '../quoted';
import { type Details, numberOf, readRecord, type SideRecord, servingOf, writeStep } from '../record';
import { directionsOf, dropRole, identify, stopReplicating } from '../replication';
import type { Evidence } from '../results';
import { asOwner } from '../session';
import { interrupted, readyRecords, tellAgain } from './records';

/** Writes first that it is finished, then takes away what was for the way back: run again, it goes on with that. */
export async function finishMove(move: Move): Promise<Evidence> {
  const before = await asOwner(move.source, (client) => readRecord(client, move.id));
  const record = before?.step === 'finished' ? before : await mayFinish(move);
  const evidence = evidenceOf(move, record);
  // Also when it had ended before: the gate asks that record and word have one writer, and another may have told the nodes since.
  await tellAgain(move, record, 'target', 'finished');
  await asOwner(move.source, (client) => writeStep(client, move.id, 'finished'));
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
    await forget(client, move);
  });
  await asOwner(move.source, (client) => client.query(`drop table if exists ${quoted(names.marker)}`));
  return evidence;
}

async function mayFinish(move: Move): Promise<SideRecord> {
  const records = await readyRecords(move);
  const serving = servingOf(records.source, records.target);
  if ('opening' in serving) throw new MoveError(interrupted(move, serving.opening));
  if (serving.at !== 'target') {
    throw new MoveError(`users do not write to ${move.target.title} yet: run switch first`);
  }
  const { frozen, verifiedAt } = records.source.details;
  if (verifiedAt !== undefined) return records.source;
  const differences = frozen?.verification.differences ?? [];
  const why =
    differences.length > 0
      ? `rows differ (${differences.join('; ')}): run back`
      : 'rows were not compared: run switch again';
  throw new MoveError(`${move.id} cannot be finished: ${why}`);
}

function evidenceOf(move: Move, { epoch, details }: SideRecord): Evidence {
  const { frozen, verifiedAt } = details;
  if (frozen === undefined || verifiedAt === undefined)
    throw new MoveError(`${move.id} was never verified: run switch again`);
  const { tables, rows, digest } = frozen.verification;
  return { move: move.id, ...numberOf({ details }, epoch), tables, rows, digest, verifiedAt };
}

/** Tables that had no identity before the move and are there yet. */
export function stillThere(inventory: Inventory, { identities = [] }: Details): Inventory['tables'] {
  return inventory.tables.filter((table) => identities.some((one) => quoted(one) === quoted(table)));
}

/** Takes away what a move keeps of itself on one side; the schema too, when no other move needs it. */
export async function forget(owner: Client, { id }: Pick<Move, 'id'>): Promise<void> {
  const { rows } = await owner.query<{ moves: string | null }>(
    `select to_regclass('${MOVE_SCHEMA}.moves')::text as moves`,
  );
  if (rows[0]?.moves === null || rows[0] === undefined) return;
  await owner.query(`drop table if exists ${quoted(namesOf(id).marker)}`);
  // Locked, so that no other move begins between the look and the drop, which would take its guards along.
  await owner.query(`begin; lock table ${MOVE_SCHEMA}.moves in access exclusive mode`);
  await owner.query(`delete from ${MOVE_SCHEMA}.moves where move = $1`, [id]);
  const { rowCount } = await owner.query(`select from ${MOVE_SCHEMA}.moves limit 1`);
  if (rowCount === 0) await owner.query(`drop schema ${MOVE_SCHEMA} cascade`);
  await owner.query('commit');
}
