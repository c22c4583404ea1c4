import type { Client } from 'pg';
import { type Context, namesIn, onBothSides, type PreflightCheck } from '../check';

interface Capacity {
  readonly slots: number;
  readonly senders: number;
  readonly workers: number;
  readonly sync: number;
  readonly processes: number;
  readonly slotsTaken: number;
  readonly originsTaken: number;
  readonly sendersTaken: number;
  readonly subscriptions: number;
}

// Of the move itself nothing counts, so that the answer is the same while it is under way. Origins have the limit of slots
// until PostgreSQL 17.
const CAPACITY = `select current_setting('max_replication_slots')::int as slots, current_setting('max_wal_senders')::int as senders,
  current_setting('max_logical_replication_workers')::int as workers,
  current_setting('max_sync_workers_per_subscription')::int as sync, current_setting('max_worker_processes')::int as processes,
  (select count(*)::int from pg_catalog.pg_replication_slots where slot_name <> all ($1::text[]) and slot_name !~ '^pg_\\d+_sync_')
    as "slotsTaken",
  (select count(*)::int from pg_catalog.pg_replication_origin o where not exists (select from pg_catalog.pg_subscription s
    where s.subname = any ($1::text[]) and o.roname ~ ('^pg_' || s.oid || '(_|$)'))) as "originsTaken",
  (select count(*)::int from pg_catalog.pg_stat_replication where application_name <> all ($1::text[])
    and application_name !~ '^pg_\\d+_sync_') as "sendersTaken",
  (select count(*)::int from pg_catalog.pg_subscription where subenabled and subname <> all ($1::text[])) as subscriptions`;

async function capacityOf(client: Client, { names }: Context): Promise<Capacity> {
  const { rows } = await client.query<Capacity>(CAPACITY, [[names.forward, names.backward]]);
  const [capacity] = rows;
  if (capacity === undefined) throw new Error('the server does not say what it is set to');
  return capacity;
}

/** One for the direction itself, and one for each table that is copied at once: at the target two by default. */
async function streamsTo(context: Context, side: 'source' | 'target'): Promise<number> {
  if (side === 'source') return 1;
  const { sync } = await capacityOf(context.target.administrator, context);
  return 1 + Math.max(1, Math.min(sync, context.inventory.tables.length));
}

function opposite(side: 'source' | 'target'): 'source' | 'target' {
  return side === 'source' ? 'target' : 'source';
}

/** Says what lacks when a limit has no room for what the move takes. */
function lack(setting: string, limit: number, taken: number, takes: number): string[] {
  if (limit - taken >= takes) return [];
  return [`${setting} is ${limit}, of which ${taken} are taken, and the move takes ${takes}`];
}

/** Settings of both servers that replication in both directions needs; most take a restart. */
export const CAPACITY_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'wal-level',
    level: 'refuse',
    find: (context) =>
      onBothSides(context, ({ administrator }) =>
        namesIn(
          administrator,
          `select 'wal_level is ' || current_setting('wal_level') as what where current_setting('wal_level') <> 'logical'`,
        ),
      ),
    what: (names) => `rows cannot be replicated: ${names}`,
    remedy: 'set wal_level to logical (on RDS rds.logical_replication to 1), and restart',
  },
  {
    id: 'replication-slots',
    level: 'refuse',
    find: (context) =>
      onBothSides(context, async ({ administrator }, side) => {
        const { slots, slotsTaken, originsTaken } = await capacityOf(administrator, context);
        const takes = Math.max(await streamsTo(context, side), await streamsTo(context, opposite(side)));
        return lack('max_replication_slots', slots, Math.max(slotsTaken, originsTaken), takes);
      }),
    what: (names) => `too few replication slots: ${names}`,
    remedy: 'raise max_replication_slots and restart, or drop slots that nobody reads',
  },
  {
    id: 'wal-senders',
    level: 'refuse',
    find: (context) =>
      onBothSides(context, async ({ administrator }, side) => {
        const { senders, sendersTaken } = await capacityOf(administrator, context);
        return lack('max_wal_senders', senders, sendersTaken, await streamsTo(context, opposite(side)));
      }),
    what: (names) => `too few WAL senders: ${names}`,
    remedy: 'raise max_wal_senders, and restart',
  },
  {
    id: 'replication-workers',
    level: 'refuse',
    find: (context) =>
      onBothSides(context, async ({ administrator }, side) => {
        const { workers, subscriptions } = await capacityOf(administrator, context);
        return lack('max_logical_replication_workers', workers, subscriptions, await streamsTo(context, side));
      }),
    what: (names) => `too few workers for subscriptions: ${names}`,
    remedy: 'raise max_logical_replication_workers, and restart',
  },
  {
    id: 'worker-processes',
    level: 'refuse',
    find: (context) =>
      onBothSides(context, async ({ administrator }, side) => {
        const { processes, subscriptions } = await capacityOf(administrator, context);
        // The launcher of replication is one of them.
        return lack('max_worker_processes', processes, subscriptions + 1, await streamsTo(context, side));
      }),
    what: (names) => `too few background workers: ${names}`,
    remedy: 'raise max_worker_processes, which parallel queries use as well, and restart',
  },
  {
    id: 'sync-workers',
    level: 'refuse',
    find: async (context) =>
      (await capacityOf(context.target.administrator, context)).sync > 0 ? [] : [context.move.target.title],
    what: (names) => `no table would ever be copied: max_sync_workers_per_subscription is 0 on ${names}`,
    remedy: 'set it to 2 or more, and reload',
  },
];
