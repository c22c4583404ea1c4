import { type ShardMap, type ShardRecord, writerOf } from './shard-map';

/** SQLSTATE of a write that names an epoch which is over (fence.sql). */
export const WRONG_EPOCH = 'BS001';

/** Call of fence.sql that sets the fence of a cluster for a logical shard. */
export function fenceCall(record: ShardRecord, cluster: number): string {
  const { shard, epoch, version } = record;
  return writerOf(record) === cluster
    ? `beamstalk_open(${shard}, ${epoch}, ${version})`
    : `beamstalk_close(${shard}, ${epoch})`;
}

/**
 * Statements that make the fence of a cluster agree with the map: of the logical shards that it owns, those that are
 * written are opened and those that are frozen closed. To be run when the cluster is new, and after a step failed
 * halfway; an old list does no harm, because a fence never goes back to an earlier epoch.
 */
export function fenceStatements({ shards }: ShardMap, cluster: number): string[] {
  return shards.filter((record) => record.cluster === cluster).map((record) => `SELECT ${fenceCall(record, cluster)};`);
}
