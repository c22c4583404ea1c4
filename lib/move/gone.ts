import type { Direction } from './replication';
import { asAdministrator } from './session';
import { endOf, type Standing } from './trouble';

export interface Slot {
  readonly active: boolean;
  readonly wal_status: string;
  /** Bytes of the write-ahead log that the other side has taken, and those that there are. */
  readonly confirmed: string;
  readonly written: string;
}

export async function slotOf({ from, name }: Direction): Promise<Slot | undefined> {
  return await asAdministrator(from, async (client) => {
    const { rows } = await client.query<Slot>(
      `select active, wal_status, coalesce(pg_wal_lsn_diff(confirmed_flush_lsn, '0/0'), 0)::text as confirmed,
         pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as written
       from pg_replication_slots where slot_name = $1`,
      [name],
    );
    return rows[0];
  });
}

/**
 * Names what a direction has lost for good, with what is left to do: rows that were written meanwhile come to the other side by
 * nothing but a new copy.
 */
export async function goneOf(direction: Direction, standing: Standing): Promise<string | undefined> {
  const { from, to, name } = direction;
  const way = `${endOf(standing)}${standing.at === 'target' ? '; there is no way back any more' : ''}`;
  const slot = await slotOf(direction);
  if (slot === undefined) return `the slot ${name} on ${from.title} is not there: ${way}`;
  if (slot.wal_status === 'lost') {
    return `the slot ${name} on ${from.title} has lost rows that ${to.title} had not taken (max_slot_wal_keep_size): ${way}`;
  }
  const subscribes = await asAdministrator(to, async (client) => {
    const { rowCount } = await client.query(
      'select from pg_subscription where subname = $1 and subdbid = (select oid from pg_database where datname = current_database())',
      [name],
    );
    return rowCount === 1;
  });
  return subscribes ? undefined : `the subscription ${name} on ${to.title} is not there: ${way}`;
}
