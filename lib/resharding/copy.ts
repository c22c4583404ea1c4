import { namesOf } from '../move/names';
import { quoted } from '../move/quoted';
import { readyOf, untilReady } from '../move/ready';
import { type Direction, makeMarkers, replicate } from '../move/replication';
import { asAdministrator, asOwner } from '../move/session';
import { atFence, mayCopy, receive } from './fences';
import type { MovingRows } from './moving-rows';
import { removeRows } from './remove-rows';
import type { Portion, Resharding, VersionOfShard } from './resharding';

export function directionOf({ id, source, target }: Portion): Direction {
  return { from: source, to: target, name: namesOf(id).forward };
}

/** Copies the rows of a portion while users write them, and lets what they write follow. Goes on where it was. */
export async function copyRows(
  { report }: Resharding,
  portion: Portion,
  rows: MovingRows,
  moving: readonly VersionOfShard[],
): Promise<void> {
  const { source, target, id } = portion;
  const names = namesOf(id);
  const direction = directionOf(portion);
  await atFence(target, (client) => receive(client, target, moving));
  await asOwner(source, (client) => makeMarkers(client, names, true));
  await asOwner(target, (client) => makeMarkers(client, names, false));
  const { total } = await asAdministrator(target, (client) => readyOf(client, direction.name));
  if (total === 0) {
    // Of an earlier move that came to nothing, or from before these logical shards left: the copy would meet them.
    const removed = await removeRows(target, rows, moving);
    await asOwner(target, (client) => client.query(`delete from ${quoted(names.marker)}`));
    if (removed > 0) report(`${removed} old rows removed from ${target.title}`);
  }
  report(`copying rows of ${rows.inventory.published.length} tables`);
  await replicate(direction, names, rows.inventory, true, {
    conditionOf: rows.conditionOf,
    // Whoever took over meanwhile has had a later version received there, and this one may not begin a copy any more.
    letIn: (work) =>
      atFence(target, async (client) => {
        await client.query('begin');
        await mayCopy(client, moving);
        await work();
        await client.query('commit');
      }),
  });
  await untilReady({ report }, direction);
}
