import type { Client } from 'pg';
import { type Dependencies, type ObjectKey, objectKey, readDependencies } from '../dependencies';
import type { Inventory } from '../inventory';
import { MOVE_SCHEMA } from '../move';
import { OF_THE_APPLICATION } from '../relations';
import type { QualifiedName } from '../side';
import type { Entry } from './dump';

/** Parts of a schema that go to the target, in the order of the dump: before the rows, and after them. */
export interface Plan {
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
}

/** Made in every database, by the administrator, or by nobody: see the preflight for what it refuses. */
const NEVER: ReadonlySet<string> = new Set([
  ...['ENCODING', 'STDSTRINGS', 'SEARCHPATH', 'DATABASE', 'DATABASE PROPERTIES', 'EVENT TRIGGER'],
  ...['FOREIGN DATA WRAPPER', 'SERVER', 'USER MAPPING', 'FOREIGN TABLE', 'PUBLICATION', 'SUBSCRIPTION'],
  'SECURITY LABEL',
]);

/** Wanted by no row, and slow, or in the way, while rows come. */
const AFTER: ReadonlySet<string> = new Set([
  ...['ACL', 'DEFAULT ACL', 'COMMENT', 'ROW SECURITY', 'POLICY', 'TRIGGER', 'FK CONSTRAINT'],
  ...['CHECK CONSTRAINT', 'STATISTICS'],
]);

/** Makes nothing of its own, and belongs to the tables that it names. */
const OF_TABLES: ReadonlySet<string> = new Set(['SEQUENCE OWNED BY', 'TABLE ATTACH']);

const KEYED: ReadonlySet<string> = new Set(['INDEX', 'CONSTRAINT']);
const VIEWS: ReadonlySet<string> = new Set(['VIEW', 'MATERIALIZED VIEW']);

export async function planSchema(owner: Client, inventory: Inventory, entries: readonly Entry[]): Promise<Plan> {
  const dependencies = await readDependencies(owner);
  const catalogue = await readCatalogue(owner, inventory);
  const going = goingOf(entries, dependencies.dependentsOf(catalogue.staying));
  const early = earlyOf(going, dependencies, catalogue);
  return { before: going.filter(({ id }) => early.has(id)), after: going.filter(({ id }) => !early.has(id)) };
}

interface Catalogue {
  /** Objects that do not move though the dump has it, and with it all that stands on it. */
  readonly staying: readonly ObjectKey[];
  /** Tables and sequences that move, and the defaults and checks in what makes them. */
  readonly tables: readonly ObjectKey[];
  /** Indexes, and constraints behind them, by which rows are told apart. */
  readonly keys: ReadonlySet<ObjectKey>;
}

const NAMED = `rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) as named (schema, name)
  join pg_catalog.pg_namespace n on n.nspname = named.schema
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = named.name`;

const STAYING = `select c.tableoid::int4 as catalogue, c.oid from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'S') and ${OF_THE_APPLICATION} and c.oid not in (select c.oid from ${NAMED})
union all
select n.tableoid::int4, n.oid from pg_catalog.pg_namespace n where n.nspname = '${MOVE_SCHEMA}'
union all
select d.tableoid::int4, d.oid from pg_catalog.pg_default_acl d where pg_catalog.pg_get_userbyid(d.defaclrole) <> current_user`;

const TABLES = `select c.tableoid::int4 as catalogue, c.oid from ${NAMED}
union all
select d.tableoid::int4, d.oid from ${NAMED} join pg_catalog.pg_attrdef d on d.adrelid = c.oid
union all
select k.tableoid::int4, k.oid from ${NAMED} join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype = 'c'`;

// A table without a key has its rows found by any index that PostgreSQL can use for that; without one it would read the
// whole table for each row that changes while others are copied, and never come to an end.
// Source: https://www.postgresql.org/docs/17/logical-replication-publication.html (2026-11-30)
const KEYS = `with keys as (select i.indexrelid from ${NAMED} join pg_catalog.pg_index i on i.indrelid = c.oid
  join pg_catalog.pg_class x on x.oid = i.indexrelid join pg_catalog.pg_am a on a.oid = x.relam
  where i.indisprimary or i.indisreplident
    or (c.relreplident = 'f' and i.indisvalid and i.indpred is null and i.indkey[0] <> 0 and a.amname in ('btree', 'hash')))
select c.tableoid::int4 as catalogue, c.oid from keys join pg_catalog.pg_class c on c.oid = keys.indexrelid
union all
select k.tableoid::int4, k.oid from keys join pg_catalog.pg_constraint k
  on k.conindid = keys.indexrelid and k.contype in ('p', 'u', 'x')`;

async function readCatalogue(owner: Client, { tables, sequences }: Inventory): Promise<Catalogue> {
  const find = async (statement: string, names: readonly QualifiedName[]): Promise<ObjectKey[]> => {
    const { rows } = await owner.query<{ readonly catalogue: number; readonly oid: number }>(statement, [
      names.map(({ schema }) => schema),
      names.map(({ name }) => name),
    ]);
    return rows.map(({ catalogue, oid }) => objectKey(catalogue, oid));
  };
  const moving = [...tables, ...sequences];
  return {
    staying: await find(STAYING, moving),
    tables: await find(TABLES, moving),
    keys: new Set(await find(KEYS, tables)),
  };
}

/** Entries whose object moves; what is a property of others goes when all of them do. */
function goingOf(entries: readonly Entry[], staying: ReadonlySet<ObjectKey>): readonly Entry[] {
  const left = new Set<number>();
  for (const { id, type, object } of entries) {
    if (NEVER.has(type) || (object !== undefined && staying.has(object))) left.add(id);
  }
  return entries.filter(({ id, object, label, needs }) => {
    // The comment of an extension is its owner's to set, and every database has one schema `public`.
    if (left.has(id) || label.startsWith('COMMENT EXTENSION ') || label === 'SCHEMA public') return false;
    return object !== undefined || !needs.some((need) => left.has(need));
  });
}

/** Tables and what they need, and all else that neither waits for the rows nor stands on a view. */
function earlyOf(
  going: readonly Entry[],
  dependencies: Dependencies,
  { tables, keys }: Catalogue,
): ReadonlySet<number> {
  const objects = (types: ReadonlySet<string>): ObjectKey[] =>
    going.flatMap(({ type, object }) => (types.has(type) && object !== undefined ? [object] : []));
  const needed = dependencies.neededBy(tables);
  const ofViews = dependencies.dependentsOf(objects(VIEWS));
  const early = new Set<number>();
  for (const { id, type, object } of going) {
    if (object === undefined ? OF_TABLES.has(type) : isEarly(type, object)) early.add(id);
  }
  const indexes = new Set(going.filter(({ type }) => KEYED.has(type)).map(({ id }) => id));
  for (const { id, type, needs } of going) {
    if (type === 'INDEX ATTACH' && needs.every((need) => early.has(need) || !indexes.has(need))) early.add(id);
  }
  return early;

  function isEarly(type: string, object: ObjectKey): boolean {
    if (AFTER.has(type)) return false;
    if (KEYED.has(type)) return keys.has(object);
    return needed.has(object) || !(ofViews.has(object) || type === 'RULE');
  }
}
