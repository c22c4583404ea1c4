import { type Client, escapeIdentifier } from 'pg';
import { type Inventory, readInventory } from '../move/inventory';
import { MoveError } from '../move/move-error';
import { quoted } from '../move/quoted';
import type { QualifiedName } from '../move/side';
import { hashExpression, hashRanges, inRanges } from './key-hash';
import type { Portion, ShardedTable } from './resharding';

/** Rows of a portion, as the catalogue of the source says. */
export interface MovingRows {
  /** Tables with a key; partitions are among them. */
  readonly inventory: Inventory;
  /** Condition on the rows of a table that move. */
  readonly conditionOf: (table: QualifiedName) => string;
  /** Tables that hold rows themselves, those that refer to others before these. */
  readonly removal: readonly QualifiedName[];
}

/** Tables whose rows have a key. */
export function keyedTables(tables: readonly ShardedTable[]): (ShardedTable & { readonly key: string })[] {
  return tables.flatMap((table) => (table.key === undefined ? [] : [{ ...table, key: table.key }]));
}

/** Tables of the list, their partitions too, each with the key of the table that was named. */
const KEYS = `with named as (select c.oid, k.key from unnest($1::text[], $2::text[], $3::text[]) as k (schema, name, key)
    join pg_namespace n on n.nspname = k.schema join pg_class c on c.relnamespace = n.oid and c.relname = k.name)
  select n.nspname as schema, c.relname as name, k.key, format_type(a.atttypid, null) as type,
    coalesce((select jsonb_agg(jsonb_build_object('schema', fn.nspname, 'name', f.relname)) from pg_constraint r
      join pg_class f on f.oid = r.confrelid join pg_namespace fn on fn.oid = f.relnamespace
      where r.conrelid = c.oid and r.contype = 'f'), '[]') as "refersTo"
  from named k join pg_class c on c.oid = k.oid or pg_partition_root(c.oid) = k.oid
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_attribute a on a.attrelid = c.oid and a.attname = k.key and not a.attisdropped`;

interface KeyRow extends QualifiedName {
  readonly key: string;
  readonly type: string | null;
  readonly refersTo: readonly QualifiedName[];
}

/** Reads as the owner. @throws MoveError where a table or its key is not what the preflight saw. */
export async function readMovingRows(
  owner: Client,
  tables: readonly ShardedTable[],
  { shards, logicalShards }: Pick<Portion, 'shards' | 'logicalShards'>,
): Promise<MovingRows> {
  const keyed = keyedTables(tables);
  const inventory = await readInventory(owner, keyed);
  const { rows } = await owner.query<KeyRow>(KEYS, [
    keyed.map(({ schema }) => schema),
    keyed.map(({ name }) => name),
    keyed.map(({ key }) => key),
  ]);
  const ranges = hashRanges(shards, logicalShards);
  const conditions = new Map<string, string>();
  for (const { key, type, ...table } of rows) {
    const hash = hashExpression(escapeIdentifier(key), type ?? '');
    if (hash === undefined) throw new MoveError(`${quoted(table)} has no key ${key} any more that can be hashed`);
    conditions.set(quoted(table), inRanges(hash, ranges));
  }
  return {
    inventory,
    conditionOf: (table) => {
      const condition = conditions.get(quoted(table));
      if (condition === undefined) throw new Error(`no condition for ${quoted(table)}`);
      return condition;
    },
    removal: referringFirst(inventory, rows),
  };
}

/** The preflight refuses references in a circle, so there is always one that nobody left refers to. */
function referringFirst({ tables }: Inventory, rows: readonly KeyRow[]): QualifiedName[] {
  let left = rows.map((row) => ({ row, name: quoted(row) }));
  const order: string[] = [];
  while (left.length > 0) {
    const referred = new Set(left.flatMap(({ row }) => row.refersTo.map(quoted)));
    const free = left.filter(({ name }) => !referred.has(name));
    if (free.length === 0) throw new MoveError(`tables refer to each other in a circle: ${left[0]?.name}`);
    order.push(...free.map(({ name }) => name));
    left = left.filter((entry) => !free.includes(entry));
  }
  const holding = tables.filter(({ kind }) => kind === 'table');
  return holding.sort((a, b) => order.indexOf(quoted(a)) - order.indexOf(quoted(b)));
}
