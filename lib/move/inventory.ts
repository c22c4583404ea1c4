import type { Client } from 'pg';
import type { QualifiedName } from './side';

export interface MovedTable extends QualifiedName {
  /** A partitioned table holds no rows itself; its partitions are tables of the inventory too. */
  readonly kind: 'table' | 'partitioned';
  readonly isPartition: boolean;
  /** `key`: a primary key or a unique index that is its replica identity; `full`: none, rows are found by all columns. */
  readonly identity: 'key' | 'full';
  /** By the statistics: rows, and bytes with indexes and TOAST. */
  readonly rows: number;
  readonly bytes: number;
}

/** What moves, as the catalogue of one side says. */
export interface Inventory {
  /** Sorted by schema and name, partitions included. */
  readonly tables: readonly MovedTable[];
  /** What the publication names: tables that are no partition of another one. */
  readonly published: readonly QualifiedName[];
  /** Owned by a column of a table, used by a default, or, when all tables move, standing alone. */
  readonly sequences: readonly QualifiedName[];
  readonly materialisedViews: readonly QualifiedName[];
  /**
   * SHA-256 of all that a change of the schema would change: columns with type, nullability, default and generation, keys,
   * constraints, partitions. The same on both sides for equal schemas; indexes and triggers are left out.
   */
  readonly fingerprint: string;
}

/** Reads as the owner. @throws MoveError when a table that was named is not there. */
export type ReadInventory = (owner: Client, tables: 'all' | readonly QualifiedName[]) => Promise<Inventory>;
