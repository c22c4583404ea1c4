/** Commits of one account that were acknowledged. */
export interface Account {
  /** Times that it was changed. */
  changes: number;
  readonly entries: Set<string>;
  readonly events: Set<number>;
  /** Commit that the connection was lost in: it may have been done, or not. It notes what it changed. */
  doubt?: () => void;
}

/** Ledger of what writers were told that is committed; each account has one writer, so that this is exact. */
export class Ledger {
  readonly accounts = new Map<string, Account>();
  /** Clusters that have taken a write of a logical shard in an epoch: never more than one. */
  private readonly writers = new Map<string, Set<number>>();
  commits = 0;
  /** Longest time from the wish to write to the answer, milliseconds. */
  worst = 0;

  of(account: string): Account {
    const known = this.accounts.get(account) ?? { changes: 0, entries: new Set(), events: new Set() };
    this.accounts.set(account, known);
    return known;
  }

  committed(route: { readonly shard: number; readonly epoch: number; readonly cluster: number }, waited: number): void {
    const name = `${route.shard}@${route.epoch}`;
    this.writers.set(name, (this.writers.get(name) ?? new Set()).add(route.cluster));
    this.commits += 1;
    this.worst = Math.max(this.worst, waited);
  }

  /** Epochs of logical shards that more than one cluster took writes in. */
  get twoWriters(): string[] {
    return [...this.writers].filter(([, clusters]) => clusters.size > 1).map(([name]) => name);
  }
}
