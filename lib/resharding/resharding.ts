import type { Limits } from '../move/move';
import type { QualifiedName, Side } from '../move/side';
import type { MapTable } from '../sharding/map-table';

/** Table of every cluster, and the column whose value is the sharding key of a row. */
export interface ShardedTable extends QualifiedName {
  /** Undefined where all clusters hold the same rows: such a table stays as it is. */
  readonly key: string | undefined;
}

/** Move of logical shards to a cluster, with their rows. */
export interface Resharding {
  readonly map: MapTable;
  readonly shards: readonly number[];
  /** Number of the cluster that gets them. */
  readonly target: number;
  /** By number: those that give and the one that gets. */
  readonly clusters: ReadonlyMap<number, Side>;
  /** All tables of the application. */
  readonly tables: readonly ShardedTable[];
  readonly limits: ReshardingLimits;
  /** Ids of findings that the operator has accepted. */
  readonly accepted: readonly string[];
  /** A line of progress, for people. */
  readonly report: (line: string) => void;
}

export type ReshardingLimits = Omit<Limits, 'sequenceGap' | 'tablesAtOnce'> & {
  /** Logical shards that are copied, and given over, together. The tables are read once for each such portion. */
  readonly shardsAtOnce: number;
};

export const DEFAULT_RESHARDING_LIMITS: ReshardingLimits = {
  lockMilliseconds: 200,
  freezeMilliseconds: 1000,
  patienceSeconds: 120,
  shardsAtOnce: 16,
};

/** Logical shards that go from one cluster to another together. */
export interface Portion {
  /** The move of it in both databases: there is one at a time from one cluster to another. */
  readonly id: string;
  readonly shards: readonly number[];
  /** Number of all logical shards. */
  readonly logicalShards: number;
  readonly from: number;
  readonly to: number;
  readonly source: Side;
  readonly target: Side;
  /** True when a mover has left something of it in the databases. */
  readonly begun: boolean;
}

export function idOf(from: number, to: number): string {
  return `shards_${from}_to_${to}`;
}

/** Cluster that is written to, and the version in which it came there: whoever removes or copies rows acts for this one. */
export interface VersionOfShard {
  readonly shard: number;
  readonly version: number;
}
