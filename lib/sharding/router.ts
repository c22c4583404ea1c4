import { logicalShardOf } from './logical-shard';
import { type MapChange, type MapHead, type ShardMap, type ShardRecord, withChanges, writerOf } from './shard-map';

/** Source of the map for a router. All reads are strongly consistent. */
export interface MapSource {
  head(): Promise<MapHead>;
  whole(): Promise<ShardMap>;
  /** Changes with a version above the given one, as far as the log still has them, in order. */
  changesAfter(version: number): Promise<readonly MapChange[]>;
}

export interface RouterProps {
  readonly source: MapSource;
  /**
   * Longest age of the view on which writes are still sent out, milliseconds. Beyond it the router refuses: it cannot
   * know what has changed.
   * @default 10000
   */
  readonly leaseMs?: number;
  /** Milliseconds since some moment, never going back. @default performance.now */
  readonly clock?: () => number;
}

/** Route of one key. */
export interface Route {
  readonly shard: number;
  readonly cluster: number;
  /** Goes with every write: the cluster compares it with its fence. */
  readonly epoch: number;
  /** True when the logical shard takes writes now. */
  readonly writable: boolean;
}

/** Why a write was not sent out. All three pass: try again after a moment. */
export class NotWritable extends Error {
  override readonly name = 'NotWritable';
  constructor(
    readonly reason: 'frozen' | 'stale' | 'not loaded',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Resolves key -> logical shard -> cluster from a cached map. It notices a new version when it polls (`refresh`, every
 * second or two) and when a cluster answers that an epoch is over (`write` does the rest). What it believes may be old,
 * so it is the fence of the cluster that decides (fence.sql), not the router.
 */
export class Router {
  private readonly source: MapSource;
  private readonly leaseMs: number;
  private readonly clock: () => number;
  private map: ShardMap | undefined;
  /** Start of the last refresh that succeeded. */
  private asOf = Number.NEGATIVE_INFINITY;
  private pending: Promise<void> | undefined;

  constructor({ source, leaseMs = 10_000, clock = () => performance.now() }: RouterProps) {
    this.source = source;
    this.leaseMs = leaseMs;
    this.clock = clock;
  }

  /** Version of the map in hand; 0 before the first refresh. */
  get version(): number {
    return this.map?.version ?? 0;
  }

  /** Looks for another version and takes it over, an earlier one too. Calls at the same time share one look. */
  refresh(): Promise<void> {
    this.pending ??= this.look().finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  /**
   * Returns the route for reading a key.
   *
   * @throws NotWritable while no map was ever loaded.
   */
  route(key: string | Uint8Array): Route {
    const { shard, cluster, epoch, ...record } = this.recordOf(key);
    return { shard, cluster, epoch, writable: writerOf({ shard, cluster, epoch, ...record }) !== undefined };
  }

  /**
   * Returns the route for writing a key.
   *
   * @throws NotWritable while its logical shard is frozen, or when the view is older than the lease.
   */
  routeForWrite(key: string | Uint8Array): Route {
    const route = this.route(key);
    if (this.clock() - this.asOf > this.leaseMs) {
      throw new NotWritable('stale', `the shard map was last seen more than ${this.leaseMs} ms ago`);
    }
    if (!route.writable) throw new NotWritable('frozen', `logical shard ${route.shard} is frozen: it is moving`);
    return route;
  }

  /**
   * Sends a write to where it belongs. When the cluster refuses the epoch, the map has moved on: it is read again, and
   * the write sent once more.
   *
   * @param send Runs the write in one transaction that begins with the fence; its errors are its own.
   * @param isWrongEpoch Whether an error is the fence's.
   * @param attempts How often it is sent at most, from 1.
   */
  async write<Result>(
    key: string | Uint8Array,
    send: (route: Route) => Promise<Result>,
    isWrongEpoch: (error: unknown) => boolean,
    attempts = 3,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(this.routeForWrite(key));
      } catch (error) {
        const old = isWrongEpoch(error) || (error instanceof NotWritable && error.reason !== 'frozen');
        if (!old || attempt >= attempts) throw error;
        await this.refresh();
      }
    }
  }

  private recordOf(key: string | Uint8Array): ShardRecord {
    if (this.map === undefined) throw new NotWritable('not loaded', 'the shard map was not loaded yet');
    const record = this.map.shards[logicalShardOf(key, this.map.logicalShards)];
    if (record === undefined) throw new Error('the shard map has fewer records than logical shards');
    return record;
  }

  private async look(): Promise<void> {
    const began = this.clock();
    const { version, logicalShards } = await this.source.head();
    let known = this.map;
    if (known === undefined) known = await this.source.whole();
    if (known.logicalShards !== logicalShards) {
      throw new Error(`the shard map has ${logicalShards} logical shards now, and had ${known.logicalShards}`);
    }
    if (version < known.version) {
      // The table was restored: what came after has not happened, and its versions are given out once more.
      known = await this.source.whole();
    } else if (known.version < version) {
      const changes = await this.source.changesAfter(known.version);
      // One version for each change: one that is missing has left the log.
      const complete = changes.every((change, index) => change.version === (known?.version ?? 0) + index + 1);
      const reaches = known.version + changes.length >= version;
      known = complete && reaches ? withChanges(known, changes) : await this.source.whole();
    }
    this.map = known;
    this.asOf = began;
  }
}
