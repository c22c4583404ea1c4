/**
 * State of a logical shard: which writes it takes, and where.
 *
 * - `active`: its cluster takes reads and writes.
 * - `moving`: the same, while its rows are copied to `target`.
 * - `frozen`: nobody takes writes; its cluster takes reads, while the rest is copied to `target`.
 */
export type ShardState = 'active' | 'moving' | 'frozen';

/** One logical shard. `cluster` is its owner in every state: there is exactly one, whatever happens. */
export interface ShardRecord {
  readonly shard: number;
  readonly state: ShardState;
  readonly cluster: number;
  /** Destination, while it moves. */
  readonly target?: number;
  /**
   * Counts the changes of the permission to write: it grows by one when writes stop and by one when they begin again. So
   * an epoch belongs to at most one cluster, for ever, and a cluster that has seen a later one refuses an earlier one.
   */
  readonly epoch: number;
  /** Version of the map that the last change of this record made. Unique: it also names a move. */
  readonly version: number;
}

/** Address of a cluster. Clusters are named by their number, which never changes. */
export interface ClusterRecord {
  readonly cluster: number;
  readonly endpoint: string;
  readonly readerEndpoint: string;
  readonly port: number;
  readonly database: string;
  /** ARN of the secret with its master user, which RDS rotates. */
  readonly secret: string;
  /** Version of the map that the last change of this record made. */
  readonly version: number;
}

/** Head of the map: what all records have in common. */
export interface MapHead {
  /** Counts every change of every logical shard and cluster. */
  readonly version: number;
  /** Chosen once. */
  readonly logicalShards: number;
}

export interface ShardMap extends MapHead {
  /** By number; as many as there are logical shards. */
  readonly shards: readonly ShardRecord[];
  readonly clusters: ReadonlyMap<number, ClusterRecord>;
}

/** One change, as the log keeps it. */
export interface MapChange {
  readonly version: number;
  readonly shard?: ShardRecord;
  readonly cluster?: ClusterRecord;
}

/** The cluster that may write a logical shard now, or undefined while none may. */
export function writerOf({ state, cluster }: ShardRecord): number | undefined {
  return state === 'frozen' ? undefined : cluster;
}

/**
 * The map after some changes, in any order and any number of times: a record gives way to a later one only.
 */
export function withChanges(map: ShardMap, changes: readonly MapChange[]): ShardMap {
  const shards = [...map.shards];
  const clusters = new Map(map.clusters);
  let { version } = map;
  for (const change of [...changes].sort((a, b) => a.version - b.version)) {
    version = Math.max(version, change.version);
    const { shard, cluster } = change;
    if (shard && shard.version > (shards[shard.shard]?.version ?? -1)) shards[shard.shard] = shard;
    if (cluster && cluster.version > (clusters.get(cluster.cluster)?.version ?? -1)) {
      clusters.set(cluster.cluster, cluster);
    }
  }
  return { ...map, version, shards, clusters };
}
