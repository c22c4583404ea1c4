import type { Client } from 'pg';
import { objectKey, readDependencies } from './dependencies';
import { MOVE_SCHEMA } from './move';
import type { QualifiedName } from './side';

/** OID of the catalogue of relations, the same in every database. */
export const PG_CLASS = 1259;

export interface Relations {
  readonly tables: readonly {
    readonly oid: number;
    /** True when the table is a partition of one that moves too. */
    readonly withParent: boolean;
  }[];
  /** All of the application, which do not all move. */
  readonly sequences: readonly number[];
  readonly materialisedViews: readonly number[];
  /** Tables, foreign tables, that do not move. */
  readonly otherTables: readonly number[];
  /** Tables that were named and are not there. */
  readonly missing: readonly QualifiedName[];
}

/** Condition on `pg_class c join pg_namespace n`: made by the application, and neither by an extension nor by a move. */
export const OF_THE_APPLICATION = `n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${MOVE_SCHEMA}')
  and c.relpersistence <> 't' and not exists (select from pg_catalog.pg_depend e
    where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid and e.deptype = 'e')`;

const RELATIONS = `select c.oid, n.nspname as schema, c.relname as name, c.relkind as kind,
  (select i.inhparent from pg_catalog.pg_inherits i where i.inhrelid = c.oid and c.relispartition) as parent
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'S', 'm') and ${OF_THE_APPLICATION}`;

interface Row extends QualifiedName {
  readonly oid: number;
  readonly kind: 'r' | 'p' | 'f' | 'S' | 'm';
  readonly parent: number | null;
}

export async function relationsThatMove(client: Client, tables: 'all' | readonly QualifiedName[]): Promise<Relations> {
  const { rows } = await client.query<Row>(RELATIONS);
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const byName = new Map(rows.map((row) => [nameKey(row), row]));
  const named = tables === 'all' ? undefined : new Set(tables.map(nameKey));
  const moves = (row: Row): boolean => {
    if (row.kind !== 'r' && row.kind !== 'p') return false;
    if (named === undefined || named.has(nameKey(row))) return true;
    const parent = row.parent === null ? undefined : byOid.get(row.parent);
    return parent !== undefined && moves(parent);
  };
  const moving = new Set(rows.filter(moves).map(({ oid }) => oid));
  const ofKinds = (kinds: string): number[] => rows.filter(({ kind }) => kinds.includes(kind)).map(({ oid }) => oid);
  return {
    tables: rows
      .filter(({ oid }) => moving.has(oid))
      .map(({ oid, parent }) => ({ oid, withParent: parent !== null && moving.has(parent) })),
    sequences: ofKinds('S'),
    materialisedViews: ofKinds('m'),
    otherTables: ofKinds('rpf').filter((oid) => !moving.has(oid)),
    missing: tables === 'all' ? [] : tables.filter((name) => !'rp'.includes(byName.get(nameKey(name))?.kind ?? '-')),
  };
}

/** Relations that read, or stand on, tables that do not move. */
export async function relationsThatStay(client: Client, { otherTables }: Relations): Promise<ReadonlySet<number>> {
  const { dependentsOf } = await readDependencies(client);
  const staying = dependentsOf(otherTables.map((oid) => objectKey(PG_CLASS, oid)));
  const prefix = `${PG_CLASS}:`;
  return new Set([...staying].filter((key) => key.startsWith(prefix)).map((key) => Number(key.slice(prefix.length))));
}

function nameKey({ schema, name }: QualifiedName): string {
  return JSON.stringify([schema, name]);
}
