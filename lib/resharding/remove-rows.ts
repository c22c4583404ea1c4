import { setTimeout as pause } from 'node:timers/promises';
import { MoveError } from '../move/move-error';
import { quoted } from '../move/quoted';
import { sqlState } from '../move/session';
import type { Side } from '../move/side';
import { WRONG_EPOCH } from '../sharding/fence';
import { atFence, mayCopy, receive } from './fences';
import type { MovingRows } from './moving-rows';
import type { VersionOfShard } from './resharding';

/** Pages of a table that one transaction looks through: 8 MB, so that none takes long, and locks few rows. */
const PAGES = 1000;

/**
 * Removes the rows of logical shards from a cluster that is not written for them, in short transactions, each as long as the
 * pause after it. Each says first for which version: once these logical shards come back, none removes a row any more.
 *
 * @returns How many rows there were.
 */
export function removeRows(
  side: Side,
  { removal, conditionOf }: MovingRows,
  shards: readonly VersionOfShard[],
): Promise<number> {
  return atFence(side, async (client) => {
    await receive(client, side, shards);
    let removed = 0;
    for (const table of removal) {
      const { rows } = await client.query<{ pages: number }>(
        `select (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int as pages`,
        [quoted(table)],
      );
      const pages = rows[0]?.pages ?? 0;
      for (let page = 0; page < pages; page += PAGES) {
        const began = performance.now();
        await client.query('begin');
        try {
          await mayCopy(client, shards);
          const { rowCount } = await client.query(
            `delete from only ${quoted(table)} where ctid >= '(${page},0)' and ctid < '(${page + PAGES},0)' and ${conditionOf(table)}`,
          );
          await client.query('commit');
          removed += rowCount ?? 0;
        } catch (error) {
          await client.query('rollback').catch(() => undefined);
          if (sqlState(error) !== WRONG_EPOCH) throw error;
          throw new MoveError(`logical shards came back to ${side.title} meanwhile: no more of their rows are removed`);
        }
        await pause(performance.now() - began);
      }
    }
    return removed;
  });
}
