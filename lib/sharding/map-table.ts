import {
  changeOf,
  clusterKey,
  clusterOf,
  HEAD_KEY,
  headOf,
  type Item,
  key,
  LOG_PREFIX,
  logKey,
  MapError,
  numberIn,
  shardKey,
  shardOf,
  textIn,
} from './map-items';
import { claimWrite, clusterWrites, firstWrite, readyWrite, shardWrites, type Write } from './map-writes';
import { firstPlacement } from './placement';
import type { MapSource } from './router';
import {
  type ClusterRecord,
  type MapChange,
  type MapHead,
  type ShardMap,
  type ShardRecord,
  withChanges,
} from './shard-map';
import { nextRecord, type Step, TransitionError } from './transitions';

/** Operations of DynamoDB that the map needs; every read is strongly consistent. */
export interface Table {
  get(key: Item): Promise<Item | undefined>;
  /** All items of the map whose sort key lies between the two, both included, in order. */
  query(from: string, to: string): Promise<readonly Item[]>;
  /** Writes all or nothing; false when a condition does not hold or another transaction is at the same items. */
  transact(writes: readonly Write[]): Promise<boolean>;
}

export interface MapTableProps {
  readonly table: Table;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** Waits before another attempt, given how many have failed. */
  readonly pause: (failed: number) => Promise<void>;
}

/** DynamoDB takes 100 writes in a transaction. */
const BATCH = 100;
/** Other changes of the map that may come between before a step, or its making, gives up. */
const ATTEMPTS = 50;

/** The shard map in its table: reads it, makes it once, and takes logical shards from state to state. */
export class MapTable implements MapSource {
  private readonly table: Table;
  private readonly now: () => number;
  private readonly pause: (failed: number) => Promise<void>;

  constructor({ table, now, pause }: MapTableProps) {
    this.table = table;
    this.now = now;
    this.pause = pause;
  }

  async head(): Promise<MapHead> {
    return headOf(await this.table.get(key(HEAD_KEY)));
  }

  async whole(): Promise<ShardMap> {
    const head = await this.head();
    const shards = (await this.table.query('shard#', 'shard#~')).map(shardOf);
    const clusters = (await this.table.query('cluster#', 'cluster#~')).map(clusterOf);
    if (shards.length !== head.logicalShards || shards.some(({ shard }, index) => shard !== index)) {
      throw new MapError(`the shard map has ${shards.length} records for ${head.logicalShards} logical shards`);
    }
    const map: ShardMap = { ...head, shards, clusters: new Map(clusters.map((record) => [record.cluster, record])) };
    // Pages of a query are not one moment: what changed while they were read is in the log.
    return withChanges(map, await this.changesAfter(head.version));
  }

  async changesAfter(version: number): Promise<readonly MapChange[]> {
    return (await this.table.query(logKey(version + 1), `${LOG_PREFIX}~`)).map(changeOf);
  }

  async shard(shard: number): Promise<ShardRecord> {
    const item = await this.table.get(key(shardKey(shard)));
    if (item === undefined) throw new TransitionError(`there is no logical shard ${shard}`);
    return shardOf(item);
  }

  /**
   * Makes the map: contiguous ranges of logical shards over the first clusters. Run again after a failure it goes on
   * where it was; once the map is ready it changes nothing, whatever it is asked for. The map is ready when all its
   * records have been seen in the table, and not before.
   *
   * @returns Whether this call finished the map; false when it was ready before.
   * @throws MapError when another map was begun, with other numbers, or the table keeps refusing.
   */
  async make(logicalShards: number, clusters: readonly Omit<ClusterRecord, 'version'>[]): Promise<boolean> {
    const records: readonly (ShardRecord | ClusterRecord)[] = [
      ...clusters.map((cluster) => ({ ...cluster, version: 1 })),
      ...firstPlacement(logicalShards, clusters.length),
    ];
    for (let failed = 0; failed < ATTEMPTS; failed++) {
      if (failed > 0) await this.pause(failed);
      const state = await this.begin(logicalShards, clusters.length);
      if (state === 'ready') return false;
      if (state === 'making' && (await this.fill(records)) && (await this.table.transact([readyWrite()]))) return true;
    }
    throw new MapError(
      `the shard map is not finished: the table refused writes in ${ATTEMPTS} attempts; run \`beamstalk shards init\` again`,
    );
  }

  /**
   * Takes a logical shard one step further.
   *
   * @param seen The record that the decision rests on. When it has changed since, nothing is done: another has moved
   *   this logical shard meanwhile, and what was copied and verified for it may not be true any more.
   * @throws TransitionError when its state does not allow the step, or it has changed.
   */
  async step(seen: ShardRecord, step: Step, target?: number): Promise<ShardRecord> {
    const next = nextRecord(seen, step, target);
    for (let failed = 0; failed < ATTEMPTS; failed++) {
      if (failed > 0) await this.pause(failed);
      const head = await this.head();
      if (await this.table.transact(shardWrites(seen, next, head, this.now()))) {
        return { ...next, version: head.version + 1 };
      }
      const current = await this.shard(seen.shard);
      if (current.version !== seen.version) throw new TransitionError(changed(seen, current, step));
      if (next.target !== undefined && !(await this.knows(next.target))) {
        throw new TransitionError(`the map knows no cluster ${next.target}; run \`beamstalk shards register\` first`);
      }
    }
    throw new TransitionError(
      `the map changes too often: ${ATTEMPTS} attempts at ${step} of logical shard ${seen.shard}`,
    );
  }

  /** Makes a cluster known, or known under another endpoint, for example after it was restored from a backup. */
  async register(cluster: Omit<ClusterRecord, 'version'>): Promise<void> {
    for (let failed = 0; failed < ATTEMPTS; failed++) {
      if (failed > 0) await this.pause(failed);
      if (await this.table.transact(clusterWrites(cluster, await this.head(), this.now()))) return;
    }
    throw new MapError(`the map changes too often: ${ATTEMPTS} attempts to register cluster ${cluster.cluster}`);
  }

  /**
   * Begins the map, unless one is begun.
   *
   * @returns How far it is; undefined when this attempt lost against another.
   * @throws MapError when it was begun with other numbers, and is not ready.
   */
  private async begin(logicalShards: number, clusters: number): Promise<'making' | 'ready' | undefined> {
    await this.table.transact([claimWrite(logicalShards, clusters)]);
    const head = await this.table.get(key(HEAD_KEY));
    if (head === undefined) return undefined;
    if (textIn(head, 'state') === 'ready') return 'ready';
    const [begun, first] = [numberIn(head, 'logicalShards'), numberIn(head, 'firstClusters')];
    if (begun !== logicalShards || first !== clusters) {
      throw new MapError(
        `a map of ${begun} logical shards on ${first} clusters was begun and not finished; finish it with these numbers`,
      );
    }
    return 'making';
  }

  /**
   * Writes those records that are not there yet. A batch is refused as a whole: because another attempt has written one
   * of it, which is what this one would write, or because another is at it now, which may yet fail. Therefore the table
   * is asked afterwards.
   *
   * @returns Whether all are there.
   */
  private async fill(records: readonly (ShardRecord | ClusterRecord)[]): Promise<boolean> {
    const missing = await this.missing(records);
    if (missing.length === 0) return true;
    const writes = missing.map(firstWrite);
    for (let start = 0; start < writes.length; start += BATCH) {
      await this.table.transact(writes.slice(start, start + BATCH));
    }
    return (await this.missing(records)).length === 0;
  }

  private async missing(records: readonly (ShardRecord | ClusterRecord)[]) {
    const items = [
      ...(await this.table.query('cluster#', 'cluster#~')),
      ...(await this.table.query('shard#', 'shard#~')),
    ];
    const there = new Set(items.map((item) => textIn(item, 'sk')));
    return records.filter(
      (record) => !there.has('shard' in record ? shardKey(record.shard) : clusterKey(record.cluster)),
    );
  }

  private async knows(cluster: number): Promise<boolean> {
    const known = await this.table.query('cluster#', 'cluster#~');
    return known.some((item) => numberIn(item, 'cluster') === cluster);
  }
}

function changed(seen: ShardRecord, { state, cluster, epoch }: ShardRecord, step: Step): string {
  return `logical shard ${seen.shard} was ${seen.state} in epoch ${seen.epoch} and is ${state} on cluster ${cluster} in epoch ${epoch} now; ${step} was not done`;
}
