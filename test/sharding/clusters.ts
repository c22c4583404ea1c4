import { setTimeout as wait } from 'node:timers/promises';

/** What lib/sharding/fence.sql raises as BS001. */
export class WrongEpoch extends Error {}

interface Fence {
  epoch: number;
  open: boolean;
  version: number;
}

/** A logical shard that was never opened nor received. */
const NONE: Fence = { epoch: 0, open: false, version: 0 };

/** A cluster in memory that keeps the rules of lib/sharding/fence.sql; fence.peers.test.ts holds these against PostgreSQL. */
export class Cluster {
  readonly rows = new Map<number, Set<string>>();
  private readonly fences = new Map<number, Fence>();
  private readonly underWay = new Map<number, number>();

  constructor(private readonly pause: () => number) {}

  isOpen(shard: number): boolean {
    return this.fences.get(shard)?.open === true;
  }

  /** A transaction: the lock on the fence, some time, the commit. */
  async write(shard: number, epoch: number, row: string): Promise<void> {
    const fence = this.fences.get(shard);
    if (fence === undefined || !fence.open || fence.epoch !== epoch) throw new WrongEpoch();
    await this.locked(shard, () => {
      const rows = this.rows.get(shard) ?? new Set();
      this.rows.set(shard, rows.add(row));
    });
  }

  /** Like `close` and `receive`, it ends when nobody is under way any more who began before. */
  async open(shard: number, epoch: number, version: number): Promise<boolean> {
    await this.alone(shard);
    const fence = this.fences.get(shard) ?? NONE;
    if (fence.epoch < epoch) {
      this.fences.set(shard, { epoch, open: true, version: Math.max(fence.version, version) });
    }
    const now = this.fences.get(shard);
    return now?.epoch === epoch && now.open;
  }

  async close(shard: number, epoch: number): Promise<boolean> {
    const fence = this.fences.get(shard) ?? NONE;
    // Who comes while it waits sees it closed; PostgreSQL lets them queue behind it, to the same end.
    if (fence.epoch < epoch) this.fences.set(shard, { ...fence, epoch, open: false });
    await this.alone(shard);
    const now = this.fences.get(shard);
    return now?.epoch === epoch && !now.open;
  }

  async receive(shard: number, version: number): Promise<boolean> {
    const fence = this.fences.get(shard) ?? NONE;
    if (!fence.open && fence.version < version) this.fences.set(shard, { ...fence, version });
    await this.alone(shard);
    const now = this.fences.get(shard);
    return now?.version === version && !now.open;
  }

  /** Fills the shard with what another cluster has at the beginning. */
  async copyFrom(source: Cluster, shard: number, version: number): Promise<void> {
    const taken = new Set(source.rows.get(shard));
    await wait(this.pause());
    const fence = this.fences.get(shard);
    if (fence === undefined || fence.open || fence.version !== version) throw new WrongEpoch();
    await this.locked(shard, () => this.rows.set(shard, taken));
  }

  private async alone(shard: number): Promise<void> {
    while ((this.underWay.get(shard) ?? 0) > 0) await wait(1);
  }

  private async locked(shard: number, commit: () => void): Promise<void> {
    this.underWay.set(shard, (this.underWay.get(shard) ?? 0) + 1);
    try {
      await wait(this.pause());
      commit();
    } finally {
      this.underWay.set(shard, (this.underWay.get(shard) ?? 0) - 1);
    }
  }
}
