import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { copyInTurn } from '../copy-in-turn';
import { goneOf } from '../gone';
import { makeGuards } from '../guards';
import { type Inventory, readInventory } from '../inventory';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { type Names, namesOf } from '../names';
import { preflight } from '../preflight/preflight';
import { mustNotStandAgainst } from '../preflight/stand-against';
import { untilReady } from '../ready';
import { reconnect } from '../reconnect';
import {
  beginRecord,
  keyOf,
  makeRecords,
  proofOf,
  readRecord,
  type SideRecord,
  servingOf,
  writeReady,
} from '../record';
import { directionsOf, identify, makeMarkers, replicate } from '../replication';
import { copyRest, copyTables } from '../schema/copy';
import { asOwner } from '../session';
import type { QualifiedName } from '../side';
import { finished, halfAbandoned, readyRecords, samePair } from './records';

/** Each part sees what is there already, so the whole can be run again wherever it ended. */
export async function startMove(move: Move): Promise<void> {
  const names = namesOf(move.id);
  const record = await asOwner(move.source, (client) => readRecord(client, move.id));
  if (record?.step === 'ready') return await connectAnew(move, names);
  if (record?.step === 'finished') throw await finished(move);
  if (record?.step === 'abandoning') throw halfAbandoned(move);
  if (record === undefined) await mayStart(move);

  const inventory = await asOwner(move.source, (client) => readInventory(client, move.tables));
  const begun = await begin(move, inventory);
  const { forward, backward } = directionsOf(move, names);

  move.report('making the tables');
  await copyTables(move, inventory);
  await asOwner(move.source, async (client) => {
    await makeMarkers(client, names, true);
    await makeGuards(client, names, inventory, false, move.limits);
  });
  await asOwner(move.target, async (client) => {
    await makeMarkers(client, names, false);
    await makeGuards(client, names, inventory, true, move.limits);
  });

  move.report('copying rows');
  await copyInTurn(move, forward, names, inventory);
  move.report('making indexes and constraints');
  await copyRest(move, inventory);
  await replicate(backward, names, inventory, false);
  await untilReady(move, backward);

  for (const place of ['target', 'source'] as const) {
    if (!(await asOwner(move[place], (client) => writeReady(client, keyOf(move.id, begun))))) throw await givenUp(move);
  }
  move.report('all rows are on both sides, and follow each other');
}

/** All rows are there. A side that has another address since, as a box that was replaced, is told to the other one. */
async function connectAnew(move: Move, names: Names): Promise<void> {
  const { source, target } = await readyRecords(move);
  const serving = servingOf(source, target);
  const at = 'at' in serving ? serving.at : serving.opening;
  const standing = { at, verified: proofOf(source, Math.max(source.epoch, target.epoch)) !== undefined };
  for (const direction of Object.values(directionsOf(move, names))) {
    const gone = await goneOf(direction, standing);
    if (gone !== undefined) throw new MoveError(`${move.id} cannot go on: ${gone}`);
    if (!(await reconnect(direction))) continue;
    move.report(`${direction.to.title} takes rows of ${direction.from.title} where that is now`);
  }
  move.report('all rows are on both sides already');
}

/** Message for a copy that another mover has given up while it was made, after which there may be another one. */
async function givenUp(move: Move): Promise<MoveError> {
  const record = await asOwner(move.source, (client) => readRecord(client, move.id));
  return record?.step === 'abandoning'
    ? halfAbandoned(move)
    : new MoveError(`another mover has abandoned ${move.id} meanwhile: see what status says`);
}

async function mayStart(move: Move): Promise<void> {
  mustNotStandAgainst(`${move.id} cannot start`, await preflight(move), move.accepted);
}

/** Writes the record before anything is changed, so that `abandon` knows what to take back. */
async function begin(move: Move, inventory: Inventory): Promise<SideRecord> {
  const source = await asOwner(move.source, async (client) => {
    await makeRecords(client);
    const keyless = await withoutIdentity(client, inventory);
    const begun = Math.floor(Date.now() / 1000);
    const details = { pair: randomUUID(), begun, fingerprint: inventory.fingerprint, identities: keyless };
    await beginRecord(client, move.id, { step: 'copying', closed: false, epoch: 0, details });
    const record = await readRecord(client, move.id);
    if (record?.details.fingerprint !== inventory.fingerprint) {
      throw new MoveError(
        `the schema of ${move.source.title} has changed since the copy began: take the change back, or abandon and start anew`,
      );
    }
    await identify(client, keyless, 'full', move.limits);
    return record;
  });
  await asOwner(move.target, async (client) => {
    await makeRecords(client);
    const { pair } = source.details;
    const details = pair === undefined ? {} : { pair };
    await beginRecord(client, move.id, { step: 'copying', closed: true, epoch: 0, details });
    const target = await readRecord(client, move.id);
    if (target !== undefined) samePair(move, source, target);
  });
  return source;
}

/** Tables without a key whose rows cannot be found on the other side yet. */
async function withoutIdentity(owner: Client, { tables }: Inventory): Promise<QualifiedName[]> {
  const { rows } = await owner.query<QualifiedName>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relreplident <> 'f' and c.relkind in ('r', 'p')`,
  );
  const open = new Set(rows.map(({ schema, name }) => JSON.stringify([schema, name])));
  return tables
    .filter(({ schema, name, identity }) => identity === 'full' && open.has(JSON.stringify([schema, name])))
    .map(({ schema, name }) => ({ schema, name }));
}
