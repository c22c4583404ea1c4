import { escapeIdentifier } from 'pg';
import type { Inventory } from './inventory';
import type { Move } from './move';
import type { Names } from './names';
import { quoted } from './quoted';
import { untilReady } from './ready';
import { type Direction, replicate } from './replication';
import { asAdministrator, asOwner } from './session';
import type { QualifiedName } from './side';

/**
 * Copies all rows, of so many tables at once as the limits say: tables join the publication when those before them are copied.
 * Without a limit the server of the target has its own, `max_sync_workers_per_subscription`.
 */
export async function copyInTurn(move: Move, direction: Direction, names: Names, inventory: Inventory): Promise<void> {
  const { published } = inventory;
  const size = move.limits.tablesAtOnce === 0 ? published.length : move.limits.tablesAtOnce;
  await replicate(direction, names, { ...inventory, published: published.slice(0, size) }, true);
  await untilReady(move, direction);
  for (let at = size; at < published.length; at += size) {
    await publishMore(direction, published.slice(at, at + size));
    await untilReady(move, direction);
  }
}

/** Lets tables join. Those that did before are left as they are, and so is their copy. */
async function publishMore({ from, to, name }: Direction, tables: readonly QualifiedName[]): Promise<void> {
  await asOwner(from, async (client) => {
    const { rows } = await client.query<QualifiedName>(
      `select n.nspname as schema, c.relname as name from pg_publication p join pg_publication_rel r on r.prpubid = p.oid
         join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace where p.pubname = $1`,
      [name],
    );
    const there = new Set(rows.map(quoted));
    const more = tables.map(quoted).filter((table) => !there.has(table));
    if (more.length > 0) {
      await client.query(`alter publication ${escapeIdentifier(name)} add table ${more.join(', ')}`);
    }
  });
  await asAdministrator(to, (client) =>
    client.query(`alter subscription ${escapeIdentifier(name)} refresh publication with (copy_data = true)`),
  );
}
