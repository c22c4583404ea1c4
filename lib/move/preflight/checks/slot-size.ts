import type { Client } from 'pg';
import { type Context, onBothSides, type PreflightCheck } from '../check';

/** Megabytes of write-ahead log that a slot may keep; -1 for any. */
async function keptBy(client: Client): Promise<number> {
  const { rows } = await client.query<{ readonly kept: number }>(
    `select setting::int as kept from pg_catalog.pg_settings where name = 'max_slot_wal_keep_size'`,
  );
  return rows[0]?.kept ?? -1;
}

function megabytesOf({ inventory }: Context): number {
  return Math.ceil(inventory.tables.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20);
}

export const SLOT_SIZE_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'slot-size',
    level: 'accept',
    find: (context) =>
      onBothSides(context, async ({ administrator }) => {
        const kept = await keptBy(administrator);
        return kept === -1 || kept >= megabytesOf(context) ? [] : [`${kept} MB`];
      }),
    // Nobody knows how much is written meanwhile: as much as is copied is assumed.
    what: (names, context) =>
      `while ${megabytesOf(context)} MB are copied, a slot may keep so much write-ahead log only, and is lost beyond: ${names}`,
    remedy:
      'raise max_slot_wal_keep_size, or accept it when little is written meanwhile: a slot that is lost ends the copy',
  },
  {
    id: 'slot-unbounded',
    level: 'note',
    find: (context) =>
      onBothSides(context, async ({ administrator }) => ((await keptBy(administrator)) === -1 ? ['any size'] : [])),
    what: (names) => `a slot that nobody reads fills the disk, since it may keep write-ahead log of any size: ${names}`,
    remedy: 'watch the free space until the move has finished or is abandoned',
  },
];
