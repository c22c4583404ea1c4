import type { ShardMap, ShardRecord } from './shard-map';

/** A logical shard and where it should go. */
export interface Move {
  readonly shard: number;
  readonly target: number;
}

/**
 * The first map: contiguous ranges of logical shards, as even as whole numbers allow. It is used once. Later clusters
 * are given logical shards by moves, so the number of clusters decides nothing afterwards.
 *
 * @throws RangeError when there are more clusters than logical shards.
 */
export function firstPlacement(logicalShards: number, clusters: number): ShardRecord[] {
  if (clusters < 1 || clusters > logicalShards) {
    throw new RangeError(`clusters is ${clusters}; expected 1 to ${logicalShards}, the number of logical shards`);
  }
  return Array.from({ length: logicalShards }, (_, shard) => ({
    shard,
    state: 'active' as const,
    cluster: Math.floor((shard * clusters) / logicalShards),
    epoch: 1,
    version: 1,
  }));
}

/** The moves that give the upper half of a cluster's logical shards to another. One that moves already is left alone. */
export function splitOf(map: ShardMap, source: number, target: number): Move[] {
  const owned = map.shards.filter(({ cluster }) => cluster === source);
  return owned
    .slice(Math.ceil(owned.length / 2))
    .filter(({ state }) => state === 'active')
    .map(({ shard }) => ({ shard, target }));
}
