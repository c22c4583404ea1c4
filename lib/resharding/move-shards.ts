import { forget } from '../move/actions/finish';
import type { Finding } from '../move/finding';
import { MoveError } from '../move/move-error';
import { whileAlone } from '../move/mover-lock';
import { namesOf } from '../move/names';
import { mustNotStandAgainst } from '../move/preflight/stand-against';
import { dropRole, stopReplicating } from '../move/replication';
import { asOwner } from '../move/session';
import type { ShardRecord } from '../sharding/shard-map';
import { compareWhileWriting } from './compare';
import { copyRows, directionOf } from './copy';
import { differencesOf, mustHaveCome } from './differences';
import { atFence } from './fences';
import { type MovingRows, readMovingRows } from './moving-rows';
import { portionsOf } from './portions';
import { preflight } from './preflight';
import { beginPortion, readReady } from './record';
import { removeRows } from './remove-rows';
import type { Portion, Resharding, VersionOfShard } from './resharding';
import { eachInOrder, endPublication, finish, giveOver, openSource, recordsOf, takeBack } from './turn';

/** Lists what the clusters say against a move of logical shards with their rows. Changes nothing. */
export async function check(resharding: Resharding): Promise<readonly Finding[]> {
  const portions = await portionsOf(resharding);
  const begun = portions.filter((portion) => portion.begun);
  // One of each pair of clusters tells of all.
  const pairs = new Map(portions.filter((portion) => !portion.begun).map((portion) => [portion.id, portion]));
  return [
    ...(await eachInOrder(begun, differencesOf)),
    ...(await eachInOrder([...pairs.values()], (portion) => preflight(resharding, portion))),
  ].flat();
}

/**
 * Moves logical shards to a cluster, and their rows, while users write. Each part sees what is there already, so the whole can be
 * run again wherever it ended, by anybody.
 *
 * @throws MoveError that says what to do. @throws MapError where the map does not allow it.
 */
export async function moveShards(resharding: Resharding): Promise<void> {
  const portions = await portionsOf(resharding);
  for (const portion of portions) {
    const { id, shards, source, target } = portion;
    resharding.report(`logical shards ${shards.join(',')} from ${source.title} to ${target.title}`);
    await whileAlone({ id, source }, () => movePortion(resharding, portion));
  }
  const { shards, target } = resharding;
  resharding.report(`${shards.length} logical shards are on cluster ${target}, with their rows`);
}

async function movePortion(resharding: Resharding, portion: Portion): Promise<void> {
  if (!portion.begun) {
    const { source, target } = portion;
    mustNotStandAgainst(
      `logical shards cannot move from ${source.title} to ${target.title}`,
      await preflight(resharding, portion),
      resharding.accepted,
    );
    await beginPortion(resharding, portion);
  }
  const rows = await asOwner(portion.source, (client) => readMovingRows(client, resharding.tables, portion));
  const ready = await asOwner(portion.target, (client) => readReady(client, portion));
  if (ready !== undefined) await complete(resharding, portion, ready.frozenIn);
  else {
    const moving = await startMoving(resharding, portion);
    await copyRows(resharding, portion, rows, moving);
    await compareWhileWriting(resharding, portion, rows);
    await giveOver(resharding, portion, rows, moving);
  }
  await endOnTarget(portion);
  await mustHaveCome(resharding, portion, rows);
  await removeFromSource(resharding, portion, rows);
  await forgetPortion(portion);
}

/**
 * Lets the map say that they move. Those that a mover left frozen, or took back in the map alone, are written again first: nobody
 * knows when it would end.
 */
async function startMoving(resharding: Resharding, portion: Portion): Promise<ShardRecord[]> {
  const { map } = resharding;
  const before = await recordsOf(resharding, portion);
  if (before.some(({ state }) => state === 'frozen')) await takeBack(resharding, portion);
  else if (portion.begun) await openSource(portion, before);
  return await eachInOrder(await recordsOf(resharding, portion), async (record) =>
    record.state === 'moving' && record.target === portion.to ? record : await map.step(record, 'start', portion.to),
  );
}

/**
 * Goes on where a mover ended after all rows had come. What a snapshot of that moment would have shown went with the mover; the
 * comparison before the freeze was equal.
 */
async function complete(resharding: Resharding, portion: Portion, frozenIn: readonly VersionOfShard[]): Promise<void> {
  const { target, source, from, to } = portion;
  const records = await recordsOf(resharding, portion);
  const versions = new Map(frozenIn.map(({ shard, version }) => [shard, version]));
  const back = records.find(({ shard, cluster, version }) => cluster === from && versions.get(shard) !== version);
  if (back !== undefined) {
    throw new MoveError(
      `logical shard ${back.shard} was taken back after its rows had come to ${target.title}, where they are old by now: abort takes them away`,
    );
  }
  resharding.report('all rows have come; a mover ended before it was done');
  await asOwner(source, (client) => endPublication(client, namesOf(portion.id).forward));
  // One that moves on already was open there before.
  const here = records.filter(({ cluster, state }) => cluster === from || (cluster === to && state === 'active'));
  await atFence(target, (client) => finish(resharding, portion, here, client));
}

/** Takes away what brought rows to the target. Before a row is removed from the source, nothing reads from it any more. */
export async function endOnTarget(portion: Portion): Promise<void> {
  await stopReplicating(directionOf(portion));
  await dropRole(portion.source, directionOf(portion).name);
}

/** Each is removed for the version that the map has now: it ends as soon as that logical shard is to come back. */
async function removeFromSource(resharding: Resharding, portion: Portion, rows: MovingRows): Promise<void> {
  const { source, from } = portion;
  const records = await recordsOf(resharding, portion);
  const coming = records.find(({ cluster, target }) => cluster === from || target === from);
  if (coming !== undefined) {
    throw new MoveError(
      `logical shard ${coming.shard} is coming back to ${source.title}: abort that, or complete it, before its old rows can be removed`,
    );
  }
  resharding.report(`${await removeRows(source, rows, records)} rows removed from ${source.title}`);
}

/** The record of the target is the last, by which the portion is found. */
export async function forgetPortion(portion: Portion): Promise<void> {
  for (const side of [portion.source, portion.target]) {
    await asOwner(side, (client) => forget(client, { move: portion.id, pair: undefined }));
  }
}
