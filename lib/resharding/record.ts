import type { Client } from 'pg';
import { MOVE_SCHEMA } from '../move/move';
import { beginRecord, makeRecords } from '../move/record';
import type { Step } from '../move/results';
import { asOwner, sqlState } from '../move/session';
import type { Side } from '../move/side';
import { keyedTables } from './moving-rows';
import { idOf, type Portion, type Resharding, type ShardedTable, type VersionOfShard } from './resharding';

/**
 * Knowledge that the databases have of a portion. `copying`: rows are copied, and follow. `ready`: all of them have come and no
 * more will, so that the map may give the logical shards over.
 */
export interface PortionRecord {
  readonly step: Extract<Step, 'copying' | 'ready'>;
  readonly shards: readonly number[];
  readonly from: number;
  readonly to: number;
  /** Tables and keys that it was begun with. */
  readonly tables: string;
}

export function tablesInWords(tables: readonly ShardedTable[]): string {
  return keyedTables(tables)
    .map(({ schema, name, key }) => `${schema}.${name}(${key})`)
    .sort()
    .join(' ');
}

/** Portions that were begun towards a cluster, and not ended; from the target, which hears of them last. */
export async function recordsTowards(target: Side, to: number): Promise<PortionRecord[]> {
  return await asOwner(target, async (client) => {
    try {
      const { rows } = await client.query<{ step: PortionRecord['step']; portion: Omit<PortionRecord, 'step'> }>(
        `select step, details->'portion' as portion from ${MOVE_SCHEMA}.moves where move ~ $1 order by move`,
        [`^${idOf(0, to).replace('0', '[0-9]+')}$`],
      );
      return rows.map(({ step, portion }) => ({ step, ...portion }));
    } catch (error) {
      // No table, and no schema.
      if (['42P01', '3F000'].includes(sqlState(error) ?? '')) return [];
      throw error;
    }
  });
}

/** Writes on both sides what is begun, before anything else is changed. */
export async function beginPortion(
  { tables }: Resharding,
  { id, shards, from, to, source, target }: Portion,
): Promise<void> {
  const portion = { shards, from, to, tables: tablesInWords(tables) };
  for (const side of [source, target]) {
    await asOwner(side, async (client) => {
      await makeRecords(client);
      await beginRecord(client, id, { step: 'copying', closed: side === target, epoch: 0, details: { portion } });
    });
  }
}

/** Says that all rows have come, of logical shards that were frozen in these versions: one freeze, and no later one. */
export async function markReady(owner: Client, { id }: Portion, frozen: readonly VersionOfShard[]): Promise<void> {
  const versions = frozen.map(({ shard, version }) => ({ shard, version }));
  await owner.query(
    `update ${MOVE_SCHEMA}.moves set step = 'ready', details = details || jsonb_build_object('frozenIn', $2::jsonb) where move = $1`,
    [id, JSON.stringify(versions)],
  );
}

/** Knowledge of a portion of which all rows have come. */
export interface Ready {
  /** Versions in which its logical shards were frozen. */
  readonly frozenIn: readonly VersionOfShard[];
  /** Tables whose rows differed when it was given over; none where they were equal, or were not compared to the end. */
  readonly differences: readonly string[];
}

/** @returns Undefined as long as rows come. */
export async function readReady(owner: Client, { id }: Portion): Promise<Ready | undefined> {
  const { rows } = await owner.query<Ready>(
    `select details->'frozenIn' as "frozenIn", coalesce(details->'differences', '[]') as differences
       from ${MOVE_SCHEMA}.moves where move = $1 and step = 'ready'`,
    [id],
  );
  return rows[0];
}

/** Keeps what differed for whoever runs the move again, or that nothing does any more. */
export async function writeDifferences(owner: Client, { id }: Portion, differences: readonly string[]): Promise<void> {
  await owner.query(
    `update ${MOVE_SCHEMA}.moves set details = details || jsonb_build_object('differences', $2::jsonb) where move = $1`,
    [id, JSON.stringify(differences)],
  );
}
