import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Inventory } from '../inventory';
import type { Move } from '../move';
import { MoveError } from '../move-error';
import { quoted } from '../quoted';
import { asOwner, sqlState } from '../session';
import type { QualifiedName } from '../side';
import { dumpSchema, type Entry } from './dump';
import { forNewOwner } from './grants';
import { type Address, addressesOf, type Ledger, openLedger } from './ledger';
import { planSchema } from './plan';
import { copySettings } from './settings';

// A dump names everything with its schema, and makes functions before the tables that they read.
const AS_A_RESTORE = `set check_function_bodies = off; set client_min_messages = 'warning'; set row_security = off;
set standard_conforming_strings = on; set default_tablespace = ''; set default_table_access_method = 'heap'`;

const TABLES_DONE = 'the tables';
const REST_DONE = 'the rest';

/**
 * Makes on the target what rows need: schemas, types, functions, tables with partitions, sequences, defaults, and the keys
 * by which rows are told apart. One transaction; nothing when it is all there.
 */
export async function copyTables(move: Move, inventory: Inventory): Promise<void> {
  await asOwner(move.target, async (target) => {
    await target.query(AS_A_RESTORE);
    await target.query('begin');
    const ledger = await openLedger(target, move.id);
    if (!ledger.has(TABLES_DONE)) {
      const copy = await prepare(move, inventory, target, ledger);
      for (const entry of copy.before) await copy.make(entry);
      for (const table of inventory.tables) {
        if (table.identity === 'full') await target.query(`alter table only ${quoted(table)} replica identity full`);
      }
      await ledger.note(TABLES_DONE);
      move.report(`made ${inventory.tables.length} tables on ${move.target.title}`);
    }
    await target.query('commit');
  });
}

/**
 * Makes the rest once the rows have come, each thing in a transaction of its own, while the subscription goes on: one may
 * have the other wait. What is there is skipped. Then fills the materialised views and gathers statistics.
 */
export async function copyRest(move: Move, inventory: Inventory): Promise<void> {
  await asOwner(move.target, async (target) => {
    await target.query(AS_A_RESTORE);
    const ledger = await openLedger(target, move.id);
    if (!ledger.has(TABLES_DONE)) {
      throw new MoveError(`${move.target.title} has no tables of the move ${move.id} yet: start it first`);
    }
    if (ledger.has(REST_DONE)) return;
    const copy = await prepare(move, inventory, target, ledger);
    const missing = copy.after.filter(({ label }) => !ledger.has(label));
    for (const [index, entry] of missing.entries()) {
      await atOnce(target, () => copy.make(entry));
      if ((index + 1) % 25 === 0) move.report(`made ${index + 1} of ${missing.length} indexes, constraints and others`);
    }
    for (const view of copy.filledViews) {
      const label = `REFRESH ${quoted(view)}`;
      if (ledger.has(label)) continue;
      await atOnce(target, async () => {
        await target.query(`refresh materialized view ${quoted(view)}`);
        await ledger.note(label);
      });
    }
    if (move.tables === 'all') await copySettings(move, target, ledger);
    for (const table of [...inventory.published, ...inventory.materialisedViews]) {
      await atOnce(target, () => target.query(`analyze ${quoted(table)}`));
    }
    await ledger.note(REST_DONE);
    move.report(`made the indexes, constraints and all else on ${move.target.title}`);
  });
}

interface Copy {
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
  /** Materialised views that hold rows on the source, those that others read first. */
  readonly filledViews: readonly QualifiedName[];
  /** Makes what an entry says, and writes it down. */
  readonly make: (entry: Entry) => Promise<void>;
}

async function prepare(move: Move, inventory: Inventory, target: Client, ledger: Ledger): Promise<Copy> {
  return asOwner(move.source, async (source) => {
    const dump = (await dumpSchema(move, source)).map(await forNewOwner(source));
    const { before, after } = await planSchema(source, inventory, dump);
    const entries = [...before, ...after];
    const addresses = await addressesOf(source, entries, await ownerOf(target));
    const make = async (entry: Entry): Promise<void> => {
      const address = addresses.get(entry.label);
      const there = address !== undefined && (await isThere(target, address));
      if (!there || address.kind === 'default acl') {
        await target.query(entry.sql).catch((error: unknown) => {
          if (isPassing(error)) throw error;
          const why = error instanceof Error ? error.message : String(error);
          throw new MoveError(`${move.target.title} does not take ${entry.label}: ${why}`);
        });
      }
      await ledger.note(entry.label, there ? undefined : address);
    };
    return { before, after, filledViews: await filledViews(source, entries), make };
  });
}

async function ownerOf(target: Client): Promise<string> {
  const { rows } = await target.query<{ readonly name: string }>('select current_user::text as name');
  return rows[0]?.name ?? '';
}

/** Kinds of objects that may be there before the move, and stay when it is abandoned; to default privileges the move adds its own. */
const SHARED = `select case $1::text
  when 'schema' then exists (select from pg_catalog.pg_namespace where nspname = ($2::text[])[1])
  when 'extension' then exists (select from pg_catalog.pg_extension where extname = ($2::text[])[1])
  when 'default acl' then exists (select from pg_catalog.pg_default_acl a
    join pg_catalog.pg_roles r on r.oid = a.defaclrole left join pg_catalog.pg_namespace n on n.oid = a.defaclnamespace
    where r.rolname = current_user and n.nspname is not distinct from ($2::text[])[2]
      and a.defaclobjtype::text = ($3::text[])[1])
  else false end as there`;

async function isThere(target: Client, { kind, names, args }: Address): Promise<boolean> {
  const { rows } = await target.query<{ readonly there: boolean }>(SHARED, [kind, names, args]);
  return rows[0]?.there === true;
}

async function filledViews(source: Client, entries: readonly Entry[]): Promise<readonly QualifiedName[]> {
  const oids = entries.flatMap(({ type, object }) => (type === 'MATERIALIZED VIEW' ? [object?.split(':')[1]] : []));
  const { rows } = await source.query<QualifiedName>(
    `select n.nspname as schema, c.relname as name from pg_catalog.unnest($1::oid[]) with ordinality as view (oid, position)
      join pg_catalog.pg_class c on c.oid = view.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relispopulated order by view.position`,
    [oids],
  );
  return rows;
}

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';
const TRIES = 60;

function isPassing(error: unknown): boolean {
  return [LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED].includes(sqlState(error) ?? '');
}

/** Does the work in one transaction, again when the subscription holds what it needs: ten minutes at most. */
async function atOnce(target: Client, work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    await target.query('begin');
    try {
      await work();
      await target.query('commit');
      return;
    } catch (error) {
      await target.query('rollback').catch(() => undefined);
      if (!isPassing(error) || tries === TRIES) throw error;
      await pause(5_000 * Math.random());
    }
  }
}
