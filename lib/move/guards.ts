import { type Client, escapeIdentifier } from 'pg';
import type { Inventory } from './inventory';
import { type Limits, MOVE_SCHEMA, MOVED } from './move';
import type { Names } from './names';
import { quoted } from './quoted';
import { withLocks } from './with-locks';

const GUARD = `${MOVE_SCHEMA}.refuse`;

/**
 * Makes the guards, off or on. They are triggers of statements, on partitions too: one on a partitioned table does not see
 * what is written to a partition by its own name. Rows that come by replication pass them, as they fire for `origin` alone.
 *
 * @param closed Whether writers are turned away from now on.
 */
export async function makeGuards(
  owner: Client,
  names: Names,
  inventory: Inventory,
  closed: boolean,
  limits: Limits,
): Promise<void> {
  await owner.query(`create or replace function ${GUARD}() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
    begin
      raise exception using errcode = '${MOVED}', message = format('%I.%I has moved to another database', tg_table_schema, tg_table_name),
        hint = 'Ask where to write, connect there, and do the transaction again.';
    end $$`);
  const guard = escapeIdentifier(names.guard);
  const { rows } = await owner.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
       join pg_namespace n on n.oid = c.relnamespace where t.tgname = $1`,
    [names.guard],
  );
  const there = new Set(rows.map(quoted));
  for (const table of inventory.tables) {
    const on = quoted(table);
    if (there.has(on)) continue;
    const made = `create trigger ${guard} before insert or update or delete or truncate on ${on} for each statement execute function ${GUARD}()`;
    const statements = closed ? made : `${made}; alter table only ${on} disable trigger ${guard}`;
    await withLocks(owner, table, statements, limits);
  }
}

/** Statements that turn writers away, or let them in. `SHARE ROW EXCLUSIVE` is all they take: readers go on. */
export function setGuards(names: Names, inventory: Inventory, closed: boolean): string {
  const guard = escapeIdentifier(names.guard);
  return inventory.tables
    .map((table) => `alter table only ${quoted(table)} ${closed ? 'enable' : 'disable'} trigger ${guard}`)
    .join('; ');
}

/** Takes the guards away for good. */
export async function dropGuards(owner: Client, names: Names, inventory: Inventory, limits: Limits): Promise<void> {
  const guard = escapeIdentifier(names.guard);
  for (const table of inventory.tables) {
    await withLocks(owner, table, `drop trigger if exists ${guard} on ${quoted(table)}`, limits);
  }
}
