import { MoveError } from '../move/move-error';
import type { Side } from '../move/side';
import { TransitionError } from '../sharding/transitions';
import { type PortionRecord, recordsTowards, tablesInWords } from './record';
import { idOf, type Portion, type Resharding } from './resharding';

/** Request without the cluster that gets them. */
type Asked = Omit<Resharding, 'target'>;

/**
 * Portions in which logical shards go, one after the other: first those that a mover has left, then the others, by the cluster
 * that they are on. Those that are on the target, and that no mover has left anything of, are done.
 *
 * @throws MoveError where what a mover has left is not what is asked for.
 */
export async function portionsOf(resharding: Resharding): Promise<Portion[]> {
  const { map, shards, target: to, limits } = resharding;
  const { shards: records, logicalShards, clusters } = await map.whole();
  const missing = shards.find((shard) => records[shard] === undefined);
  if (missing !== undefined) {
    throw new TransitionError(
      `there is no logical shard ${missing}: the map has ${logicalShards}, from 0 to ${logicalShards - 1}`,
    );
  }
  if (!clusters.has(to))
    throw new TransitionError(`the map knows no cluster ${to}; run \`beamstalk shards register\` first`);
  const target = sideOf(resharding, to);
  const left = await recordsTowards(target, to);
  const portions = begunOf(resharding, to, logicalShards, left);
  const others = shards.filter((shard) => !portions.some((portion) => portion.shards.includes(shard)));
  const bySource = new Map<number, number[]>();
  for (const shard of others) {
    const record = records[shard];
    if (record === undefined || (record.cluster === to && record.state === 'active')) continue;
    if (record.state === 'frozen' || (record.target !== undefined && record.target !== to)) {
      throw new TransitionError(
        `logical shard ${shard} is ${record.state} from cluster ${record.cluster} to ${record.target}, by somebody else: look at \`status\``,
      );
    }
    bySource.set(record.cluster, [...(bySource.get(record.cluster) ?? []), shard]);
  }
  for (const [from, part] of bySource) {
    const busy = left.find((record) => record.from === from && !record.shards.some((shard) => shards.includes(shard)));
    if (busy !== undefined) {
      throw new MoveError(
        `logical shards ${busy.shards.join(',')} move from cluster ${from} to ${to} already: run that again, or abort it, before others go this way`,
      );
    }
    for (let at = 0; at < part.length; at += limits.shardsAtOnce) {
      const together = part.slice(at, at + limits.shardsAtOnce);
      portions.push({ ...portionOf(resharding, from, to, logicalShards), shards: together, begun: false });
    }
  }
  return portions;
}

/** Portions that a mover has left, towards any cluster. @throws MoveError where only some of one are asked for. */
export async function begunPortions(resharding: Asked): Promise<Portion[]> {
  const { logicalShards } = await resharding.map.whole();
  const portions: Portion[] = [];
  for (const [to, target] of resharding.clusters) {
    portions.push(...begunOf(resharding, to, logicalShards, await recordsTowards(target, to)));
  }
  return portions;
}

function begunOf(resharding: Asked, to: number, logicalShards: number, left: readonly PortionRecord[]): Portion[] {
  const begun = left.filter((record) => record.shards.some((shard) => resharding.shards.includes(shard)));
  for (const record of begun) mustBeAskedFor(record, resharding);
  return begun.map(({ from, shards }) => ({ ...portionOf(resharding, from, to, logicalShards), shards, begun: true }));
}

function portionOf(
  resharding: Pick<Resharding, 'clusters'>,
  from: number,
  to: number,
  logicalShards: number,
): Omit<Portion, 'shards' | 'begun'> {
  const [source, target] = [sideOf(resharding, from), sideOf(resharding, to)];
  return { id: idOf(from, to), logicalShards, from, to, source, target };
}

/** @throws MoveError unless all of a portion that was begun is asked for, with the tables that it was begun with. */
function mustBeAskedFor({ shards, from, to, tables }: PortionRecord, resharding: Asked): void {
  if (!shards.every((shard) => resharding.shards.includes(shard))) {
    throw new MoveError(
      `logical shards ${shards.join(',')} move from cluster ${from} to ${to} together: name all of them, or none`,
    );
  }
  const now = tablesInWords(resharding.tables);
  if (tables !== now) {
    throw new MoveError(
      `the move of logical shards ${shards.join(',')} was begun with the tables ${tables}, and the file names ${now}: give it those, or abort with those`,
    );
  }
}

/** @throws MoveError where nobody has said how to come to a cluster. */
function sideOf({ clusters }: Pick<Resharding, 'clusters'>, cluster: number): Side {
  const side = clusters.get(cluster);
  if (side === undefined) throw new MoveError(`the file says no login for cluster ${cluster}: add clusters.${cluster}`);
  return side;
}
