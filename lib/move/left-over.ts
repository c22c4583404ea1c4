import type { Move } from './move';
import { namesOf } from './names';
import { quoted } from './quoted';
import { readRecord } from './record';
import { asAdministrator, asOwner } from './session';

/** Lists what a `finish` that was interrupted has left: a slot that nobody reads fills the disk. */
export async function leftOver(move: Move): Promise<string[]> {
  const { forward, backward, marker } = namesOf(move.id);
  const left: string[] = [];
  for (const side of [move.source, move.target]) {
    const found = await asAdministrator(side, async (client) => {
      const { rows } = await client.query<{ what: string }>(
        `select 'slot ' || slot_name as what from pg_replication_slots where slot_name = any ($1)
         union all select 'subscription ' || subname from pg_subscription where subname = any ($1)
         union all select 'publication ' || pubname from pg_publication where pubname = any ($1)
         union all select 'role ' || rolname from pg_roles where rolname = any ($1)`,
        [[forward, backward]],
      );
      return rows.map(({ what }) => what);
    });
    if (found.length > 0) left.push(`${side.title} still has the ${found.join(', ')}`);
  }
  if (left.length > 0) return left;
  // The record of the target goes, then the markers of the source.
  if ((await asOwner(move.target, (client) => readRecord(client, move.id))) !== undefined) {
    return [`${move.target.title} still has the guards of the move, or its record`];
  }
  const markers = await asOwner(move.source, async (client) => {
    const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      quoted(marker),
    ]);
    return rows[0]?.there === true;
  });
  return markers ? [`${move.source.title} still has the markers of the move`] : [];
}
