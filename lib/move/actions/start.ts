import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { makeGuards } from '../guards';
import { type Inventory, readInventory } from '../inventory';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { type Names, namesOf } from '../names';
import { preflight } from '../preflight/preflight';
import { beginRecord, makeRecords, readRecord, writeStep } from '../record';
import { type Direction, errorsOf, identify, makeMarkers, readyOf, replicate } from '../replication';
import { copyRest, copyTables } from '../schema/copy';
import { asAdministrator, asOwner } from '../session';
import type { QualifiedName } from '../side';
import { samePair } from './records';

/** The directions of a move. */
export function directionsOf(move: Move, names: Names): { readonly forward: Direction; readonly backward: Direction } {
  return {
    forward: { from: move.source, to: move.target, name: names.forward },
    backward: { from: move.target, to: move.source, name: names.backward },
  };
}

/** Each part sees what is there already, so the whole can be run again wherever it ended. */
export async function startMove(move: Move): Promise<void> {
  const names = namesOf(move.id);
  const record = await asOwner(move.source, (client) => readRecord(client, move.id));
  if (record?.step === 'ready') return move.report('all rows are on both sides already');
  if (record?.step === 'finished')
    throw new MoveError(`${move.id} is finished: there is nothing to do but to contract`);
  if (record === undefined) await mayStart(move);

  const inventory = await asOwner(move.source, (client) => readInventory(client, move.tables));
  await begin(move, inventory);
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
  await replicate(forward, names, inventory, true);
  await untilReady(move, forward);
  move.report('making indexes and constraints');
  await copyRest(move, inventory);
  await replicate(backward, names, inventory, false);
  await untilReady(move, backward);

  await asOwner(move.target, (client) => writeStep(client, move.id, 'ready'));
  await asOwner(move.source, (client) => writeStep(client, move.id, 'ready'));
  move.report('all rows are on both sides, and follow each other');
}

async function mayStart(move: Move): Promise<void> {
  const findings = await preflight(move);
  const against = findings.filter(
    ({ level, id }) => level === 'refuse' || (level === 'accept' && !move.accepted.includes(id)),
  );
  if (against.length === 0) return;
  const lines = against.map(({ id, what, remedy }) => `\n  ${id}: ${what}; ${remedy}`);
  throw new MoveError(`${move.id} cannot start:${lines.join('')}`);
}

/** Writes the record before anything is changed, so that `abandon` knows what to take back. */
async function begin(move: Move, inventory: Inventory): Promise<void> {
  const source = await asOwner(move.source, async (client) => {
    await makeRecords(client);
    const keyless = await withoutIdentity(client, inventory);
    const details = { pair: randomUUID(), fingerprint: inventory.fingerprint, identities: keyless };
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

const ERRORS_AT_MOST = 10;

/** Waits until every table of a direction is copied. @throws MoveError when the server fails at it again and again. */
async function untilReady({ report }: Move, { to, name }: Direction): Promise<void> {
  await asAdministrator(to, async (client) => {
    const before = await errorsOf(client, name);
    for (let told = -1, looks = 0; ; looks++) {
      const { total, ready } = await readyOf(client, name);
      if (total > 0 && ready === total) return;
      if (ready !== told) report(`${ready} of ${total} tables`);
      told = ready;
      if (looks % 20 === 19 && (await errorsOf(client, name)) - before > ERRORS_AT_MOST) {
        throw new MoveError(
          `${to.title} fails to take rows again and again: its log says why. Mend that and run start again, or abandon`,
        );
      }
      await pause(250);
    }
  });
}
