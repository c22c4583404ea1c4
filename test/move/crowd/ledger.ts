/** Tables that writers write, each row by a key and with a version that says how often it was written. */
export const KINDS = ['accounts', 'clicks', 'orders', 'order_lines', 'Order Notes', 'visits'] as const;
export type Kind = (typeof KINDS)[number];

/** Version of a row that was deleted. */
export const GONE = -1;

/** Rows that a writer writes again soon: what was written a moment before a switch is what may be lost. */
const RECENT = 50;

/** A row as one commit leaves it. */
export interface Written {
  readonly kind: Kind;
  readonly key: string;
  readonly version: number;
}

/** A commit: rows that it wrote, and rows of `order_lines` from before the run that went with their order. */
export interface Commit {
  readonly written: readonly Written[];
  readonly linesGone?: number;
}

const AUDITED: readonly Kind[] = ['accounts', 'orders'];

/** What was acknowledged to one writer: nobody else writes its rows. */
export class Ledger {
  readonly rows: Readonly<Record<Kind, Map<string, number>>>;
  /** Rows that a trigger must have written: for each row of `accounts` and `orders` the number of its changes. */
  readonly changes = new Map<string, number>();
  /** Rows that there must be more than at the beginning, or fewer. */
  readonly more: Record<Kind, number>;
  /** Keys of each kind that were made in this run, the newest last. */
  readonly recent: Record<Kind, string[]>;
  /** Orders that were placed in this run, by their account. */
  readonly ordersOf = new Map<string, string[]>();
  commits = 0;

  constructor() {
    const each = <Value>(value: () => Value) =>
      Object.fromEntries(KINDS.map((kind) => [kind, value()])) as Record<Kind, Value>;
    this.rows = each(() => new Map<string, number>());
    this.more = each(() => 0);
    this.recent = each((): string[] => []);
  }

  /** Version of a row, 0 for one that is from before the run and was not written yet. */
  version(kind: Kind, key: string): number {
    return this.rows[kind].get(key) ?? 0;
  }

  /** Takes in what the server has acknowledged. */
  acknowledge({ written, linesGone = 0 }: Commit): void {
    this.commits++;
    this.more.order_lines -= linesGone;
    for (const { kind, key, version } of written) {
      // A row that is new has version 0.
      if (version === 0) {
        this.more[kind]++;
        this.recent[kind] = [...this.recent[kind].slice(-RECENT), key];
      }
      if (version === GONE) this.more[kind]--;
      this.rows[kind].set(key, version);
      if (AUDITED.includes(kind)) {
        const change = `${kind}:${key}`;
        this.changes.set(change, (this.changes.get(change) ?? 0) + 1);
      }
    }
  }
}
