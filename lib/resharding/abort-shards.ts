import { MoveError } from '../move/move-error';
import { whileAlone } from '../move/mover-lock';
import { namesOf } from '../move/names';
import { asOwner } from '../move/session';
import { endOnTarget, forgetPortion } from './move-shards';
import { readMovingRows } from './moving-rows';
import { begunPortions } from './portions';
import { removeRows } from './remove-rows';
import type { Portion, Resharding } from './resharding';
import { endPublication, recordsOf, takeBack } from './turn';

/** Leaves logical shards where they are, and takes away the rows that were copied. Can be run again. */
export async function abortShards(resharding: Omit<Resharding, 'target'>): Promise<void> {
  const begun = await begunPortions(resharding);
  if (begun.length === 0) {
    resharding.report('no rows of these logical shards are being moved; `abort` without --rows changes the map alone');
  }
  for (const portion of begun) {
    const { id, source } = portion;
    await whileAlone({ id, source }, () => abortPortion({ ...resharding, target: portion.to }, portion));
  }
}

async function abortPortion(resharding: Resharding, portion: Portion): Promise<void> {
  const { source, target, to, shards } = portion;
  const records = await recordsOf(resharding, portion);
  const there = records.filter(({ state, cluster }) => state === 'active' && cluster === to);
  if (there.length > 0) {
    throw new MoveError(
      `logical shard ${there[0]?.shard} is on ${target.title} already, and takes writes there: run the move again, which completes it`,
    );
  }
  // Rows written on the source from now on must not follow rows that are being removed.
  await asOwner(source, (client) => endPublication(client, namesOf(portion.id).forward));
  await takeBack(resharding, portion);
  await endOnTarget(portion);
  const rows = await asOwner(source, (client) => readMovingRows(client, resharding.tables, portion));
  // The version in which they were taken back: a mover that sleeps bears an earlier one, and copies nothing any more.
  const removed = await removeRows(target, rows, await recordsOf(resharding, portion));
  await forgetPortion(portion);
  resharding.report(
    `logical shards ${shards.join(',')} stay on ${source.title}; ${removed} rows removed from ${target.title}`,
  );
}
