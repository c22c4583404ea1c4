import { setTimeout as pause } from 'node:timers/promises';
import { type Client, escapeIdentifier } from 'pg';
import { roundTrip } from '../move/marker';
import { MoveError, OutOfReach } from '../move/move-error';
import { namesOf } from '../move/names';
import { isLate } from '../move/session';
import { compareRows } from '../move/verify';
import { type ShardRecord, writerOf } from '../sharding/shard-map';
import { answersWithin, equalInWords, takeSnapshot, withSessions } from './compare';
import { atFence, close, isLockTimeout, open, receive } from './fences';
import type { MovingRows } from './moving-rows';
import { markReady, writeDifferences } from './record';
import type { Portion, Resharding } from './resharding';
import { advanceSequences } from './sequences';

/** Time between two tries to reach the source, milliseconds. */
const AGAIN = 500;

/** Rows did not come across in time, or writes under way took too long: users write where they did, and another try may succeed. */
class TryAgain extends Error {}

/**
 * Gives a portion over: freezes it in the map, closes the source, waits until the last rows have come, and opens the target. What
 * goes wrong before the target has all rows is undone, so that users write on.
 *
 * @param moving Records of the map, each moving to the target.
 */
export async function giveOver(
  resharding: Resharding,
  portion: Portion,
  rows: MovingRows,
  moving: readonly ShardRecord[],
): Promise<void> {
  const { map, limits, report } = resharding;
  const until = performance.now() + limits.patienceSeconds * 1000;
  for (let records = moving; ; ) {
    try {
      return await once(resharding, portion, rows, records);
    } catch (error) {
      if (!(error instanceof TryAgain)) throw error;
      if (performance.now() > until) {
        throw new MoveError(
          `${error.message}, again and again: run it again, or abort; users write on ${portion.source.title}`,
        );
      }
      report(`${error.message}; once more`);
    }
    await pause(200 + Math.random() * 600);
    records = await eachInOrder(await recordsOf(resharding, portion), (record) =>
      map.step(record, 'start', portion.to),
    );
    await atFence(portion.target, (client) => receive(client, portion.target, records));
  }
}

async function once(
  resharding: Resharding,
  portion: Portion,
  rows: MovingRows,
  moving: readonly ShardRecord[],
): Promise<void> {
  const { map, limits, report } = resharding;
  const { source, target, id } = portion;
  const { marker, forward } = namesOf(id);
  await withSessions(resharding, portion, async ({ before, after, marks, looks }) => {
    await atFences(resharding, portion, async ({ opens, closes }) => {
      const near = await roundTrip(marker, { place: 'source', marks, looks }, limits.patienceSeconds * 1000);
      if (near === undefined) throw new MoveError(`rows of ${source.title} do not reach ${target.title} in time`);
      const began = performance.now();
      let drained = false;
      try {
        const frozen = await eachInOrder(moving, (record) => map.step(record, 'freeze'));
        if (!(await close(closes, source, frozen, limits.freezeMilliseconds)))
          throw new TryAgain('writes under way took too long');
        await receive(opens, target, frozen);
        const came = await roundTrip(marker, { place: 'source', marks, looks }, limits.freezeMilliseconds);
        if (came === undefined)
          throw new TryAgain(`${target.title} was more than ${limits.freezeMilliseconds} ms behind`);
        await advanceSequences(rows.inventory.sequences, marks, looks);
        await markReady(looks, portion, frozen);
        drained = true;
        // From here on nothing that is done on the source reaches the target: the removal of these rows neither.
        await endPublication(marks, forward);
        await takeSnapshot(after, resharding);
        await finish(resharding, portion, frozen, opens);
      } catch (error) {
        if (drained) throw error;
        await takeBack(resharding, portion).catch((second: unknown) => {
          throw new MoveError(
            `${messageOf(error)}; nobody writes logical shards that are frozen, or on ${source.title} not open, until you run the same again, or abort (${messageOf(second)})`,
          );
        });
        throw isLockTimeout(error) || isLate(error) ? new TryAgain(messageOf(error)) : error;
      }
      report(`no writes for ${Math.round(performance.now() - began)} ms, of ${portion.shards.length} logical shards`);
    });
    // Nobody writes these rows on the source any more, so it needs no snapshot.
    const found = await compareRows(rows.inventory, before, after, rows.conditionOf);
    if (found.equal) return report(equalInWords(found));
    await writeDifferences(looks, portion, found.differences);
    report(`rows of ${source.title} and ${target.title} differ: ${found.differences.join('; ')}`);
  });
}

/** Sessions at the fences of both sides, for work that users wait for. */
function atFences(
  { limits }: Resharding,
  { source, target }: Portion,
  work: (sessions: { readonly opens: Client; readonly closes: Client }) => Promise<void>,
): Promise<void> {
  const short = answersWithin(limits);
  return atFence(target, (opens) => atFence(source, (closes) => work({ opens, closes }), short), short);
}

/** Ends the stream of rows for good, at whatever of them has not been read yet. */
export async function endPublication(owner: Client, name: string): Promise<void> {
  await owner.query(`drop publication if exists ${escapeIdentifier(name)}`);
}

/** Gives frozen logical shards to the target, one after the other, each open as soon as it is there. */
export async function finish(
  { map }: Resharding,
  { target }: Portion,
  records: readonly ShardRecord[],
  opens: Client,
): Promise<void> {
  await eachInOrder(records, async (record) => {
    const finished = record.state === 'frozen' ? await map.step(record, 'finish') : record;
    await open(opens, target, [finished]);
    return finished;
  });
}

/** Leaves logical shards that move where they are, and opens those that were frozen. Run again, it opens them once more. */
export async function takeBack(resharding: Resharding, portion: Portion): Promise<void> {
  const records = await recordsOf(resharding, portion);
  const back = await eachInOrder(records, async (record) =>
    record.target === portion.to ? await resharding.map.step(record, 'abort') : record,
  );
  await untilReached(resharding, portion, () => openSource(portion, back));
}

/** Opens the source again as soon as it answers: nobody else does, and until then nobody writes. */
async function untilReached(
  { limits, report }: Resharding,
  { source }: Portion,
  opening: () => Promise<void>,
): Promise<void> {
  const until = performance.now() + limits.patienceSeconds * 1000;
  for (let tries = 0; ; tries++) {
    try {
      return await opening();
    } catch (error) {
      if (error instanceof MoveError && !(error instanceof OutOfReach)) throw error;
      if (performance.now() > until) throw error;
      if (tries === 0) report(`${source.title} takes no writes until it is reached (${messageOf(error)})`);
    }
    await pause(AGAIN);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Opens the source for what is written there, as the map says. What is open stays so. */
export async function openSource({ source, from }: Portion, records: readonly ShardRecord[]): Promise<void> {
  await atFence(source, async (client) => {
    // Whoever is in the middle of a write is waited for: until this is open, nobody else may write.
    await client.query('set lock_timeout = 0');
    // One that has gone elsewhere since is written there alone.
    const written = records.filter((record) => writerOf(record) === from);
    await open(client, source, written);
  });
}

/** Records of a portion as the map has them now. */
export function recordsOf({ map }: Resharding, { shards }: Portion): Promise<ShardRecord[]> {
  return Promise.all(shards.map((shard) => map.shard(shard)));
}

/** Changes of the map have one order, and would only hinder each other. */
export async function eachInOrder<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
