import {
  changeOf,
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

/** What the map needs of DynamoDB; every read is strongly consistent. */
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
/** Other changes of the map that may come between before a step gives up. */
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
   * where it was; once the map is ready it changes nothing, whatever it is asked for.
   *
   * @returns Whether this call finished the map; false when it was ready before.
   * @throws MapError when another map was begun, with other numbers.
   */
  async make(logicalShards: number, clusters: readonly Omit<ClusterRecord, 'version'>[]): Promise<boolean> {
    await this.table.transact([claimWrite(logicalShards, clusters.length)]);
    const head = await this.table.get(key(HEAD_KEY));
    if (head === undefined) throw new MapError('the table took no item; is it the one of the shard map?');
    if (textIn(head, 'state') === 'ready') return false;
    const [begun, first] = [numberIn(head, 'logicalShards'), numberIn(head, 'firstClusters')];
    if (begun !== logicalShards || first !== clusters.length) {
      throw new MapError(
        `a map of ${begun} logical shards on ${first} clusters was begun and not finished; finish it with these numbers`,
      );
    }
    const writes = [
      ...clusters.map((cluster) => firstWrite({ ...cluster, version: 1 })),
      ...firstPlacement(logicalShards, clusters.length).map(firstWrite),
    ];
    for (let start = 0; start < writes.length; start += BATCH) {
      const batch = writes.slice(start, start + BATCH);
      // A batch that an earlier attempt wrote is refused as a whole; what it holds then is what this one would write,
      // for nothing changes a map that is not ready.
      if (!(await this.table.transact(batch))) for (const write of batch) await this.table.transact([write]);
    }
    return this.table.transact([readyWrite()]);
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

  private async knows(cluster: number): Promise<boolean> {
    const known = await this.table.query('cluster#', 'cluster#~');
    return known.some((item) => numberIn(item, 'cluster') === cluster);
  }
}

function changed(seen: ShardRecord, { state, cluster, epoch }: ShardRecord, step: Step): string {
  return `logical shard ${seen.shard} was ${seen.state} in epoch ${seen.epoch} and is ${state} on cluster ${cluster} in epoch ${epoch} now; ${step} was not done`;
}
