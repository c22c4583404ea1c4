import type { Client } from 'pg';

/** Object of a catalogue by the OIDs of its catalogue and its row, such as `1259:16384`. */
export type ObjectKey = string;

export function objectKey(catalogue: number, object: number): ObjectKey {
  return `${catalogue}:${object}`;
}

/** Dependencies between objects of one database, by `pg_depend`; columns count as their table. */
export interface Dependencies {
  /** All that cannot be without one of these, themselves among it. */
  readonly dependentsOf: (objects: Iterable<ObjectKey>) => ReadonlySet<ObjectKey>;
  /** All that these cannot be without, themselves among it. */
  readonly neededBy: (objects: Iterable<ObjectKey>) => ReadonlySet<ObjectKey>;
}

interface Edge {
  readonly object: ObjectKey;
  readonly referenced: ObjectKey;
  /** A view's query (its rule) hangs on the view, but is what the view is: they come and go together. */
  readonly query: boolean;
}

const EDGES = `select distinct d.classid::pg_catalog.text || ':' || d.objid::pg_catalog.text as object,
  d.refclassid::pg_catalog.text || ':' || d.refobjid::pg_catalog.text as referenced,
  d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.deptype = 'i' as query
from pg_catalog.pg_depend d where d.deptype in ('n', 'a', 'i', 'P', 'S') and d.classid <> 0
  and (d.classid, d.objid) <> (d.refclassid, d.refobjid)`;

export async function readDependencies(client: Client): Promise<Dependencies> {
  const { rows } = await client.query<Edge>(EDGES);
  const up = new Map<ObjectKey, ObjectKey[]>();
  const down = new Map<ObjectKey, ObjectKey[]>();
  for (const { object, referenced, query } of rows) {
    add(up, object, referenced);
    add(down, referenced, object);
    if (query) {
      add(up, referenced, object);
      add(down, object, referenced);
    }
  }
  return { dependentsOf: (objects) => reach(down, objects), neededBy: (objects) => reach(up, objects) };
}

function add(map: Map<ObjectKey, ObjectKey[]>, from: ObjectKey, to: ObjectKey): void {
  const known = map.get(from);
  if (known === undefined) map.set(from, [to]);
  else known.push(to);
}

function reach(edges: ReadonlyMap<ObjectKey, readonly ObjectKey[]>, from: Iterable<ObjectKey>): Set<ObjectKey> {
  const seen = new Set(from);
  const open = [...seen];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const to of edges.get(next) ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return seen;
}
