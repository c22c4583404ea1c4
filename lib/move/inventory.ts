import type { Client } from 'pg';
import { readFingerprint } from './fingerprint';
import type { Move } from './move';
import { MoveError } from './move-error';
import { relationsThatMove, relationsThatStay } from './relations';
import type { Place, QualifiedName } from './side';
import { type Standing, wordsOfChange } from './trouble';

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

/** Objects that move, as the catalogue of one side says. */
export interface Inventory {
  /** Sorted by schema and name, partitions included. */
  readonly tables: readonly MovedTable[];
  /** Tables that the publication names: tables that are no partition of another one. */
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

// A partitioned table holds no rows, and the statistics of it count those of its partitions. A key that is deferrable
// tells no row from another while a transaction is under way, so PostgreSQL takes none for a replica identity.
const TABLES = `select n.nspname as schema, c.relname as name, c.oid, c.relkind = 'p' as partitioned,
  c.relispartition as "isPartition",
  exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisvalid and i.indimmediate
    and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end) as keyed,
  case c.relkind when 'p' then 0
    else greatest(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid), 0) end::float8 as rows,
  coalesce(pg_catalog.pg_total_relation_size(c.oid), 0)::float8 as bytes
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid = any ($1::oid[]) order by n.nspname collate "C", c.relname collate "C"`;

// A sequence hangs on the column that owns it (`a`, or `i` for an identity); a default hangs on the sequence that it uses.
const SEQUENCES = `select n.nspname as schema, c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and c.oid = any ($1::oid[]) and ($3 or exists (
  select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = any ($2::oid[]) and d.deptype in ('a', 'i')
  union all
  select from pg_catalog.pg_depend d join pg_catalog.pg_attrdef a on a.oid = d.objid
    where d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and a.adrelid = any ($2::oid[])
      and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = c.oid))
order by n.nspname collate "C", c.relname collate "C"`;

const NAMES = `select n.nspname as schema, c.relname as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid = any ($1::oid[]) order by n.nspname collate "C", c.relname collate "C"`;

interface TableRow extends QualifiedName {
  readonly oid: number;
  readonly partitioned: boolean;
  readonly isPartition: boolean;
  readonly keyed: boolean;
  readonly rows: number;
  readonly bytes: number;
}

/** Reads as the owner. @throws MoveError when a table that was named is not there. */
export async function readInventory(owner: Client, tables: 'all' | readonly QualifiedName[]): Promise<Inventory> {
  const moving = await relationsThatMove(owner, tables);
  if (moving.missing.length > 0) {
    const names = moving.missing.map(({ schema, name }) => `${schema}.${name}`).join(', ');
    throw new MoveError(
      `no table of the name ${names} in this database: name tables as schema.table, as they are there`,
    );
  }
  const oids = moving.tables.map(({ oid }) => oid);
  const { rows } = await owner.query<TableRow>(TABLES, [oids]);
  const sequences = await owner.query<QualifiedName>(SEQUENCES, [moving.sequences, oids, tables === 'all']);
  const staying = await relationsThatStay(owner, moving);
  const views = await owner.query<QualifiedName>(NAMES, [moving.materialisedViews.filter((oid) => !staying.has(oid))]);
  const partitions = new Set(moving.tables.filter(({ withParent }) => withParent).map(({ oid }) => oid));
  return {
    tables: rows.map(movedTable),
    published: rows.filter(({ oid }) => !partitions.has(oid)).map(({ schema, name }) => ({ schema, name })),
    sequences: sequences.rows,
    materialisedViews: views.rows,
    fingerprint: await readFingerprint(owner, oids),
  };
}

/** Error of a schema that is no longer what it was when the copy began. */
export function schemaChanged(move: Move, place: Place, standing: Standing | 'interrupted' | 'unknown'): MoveError {
  return new MoveError(wordsOfChange(move, place, standing));
}

function movedTable({ schema, name, partitioned, isPartition, keyed, rows, bytes }: TableRow): MovedTable {
  const kind = partitioned ? 'partitioned' : 'table';
  return { schema, name, kind, isPartition, identity: keyed ? 'key' : 'full', rows, bytes };
}
