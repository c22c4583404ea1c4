import type { Client } from 'pg';
import { MOVE_SCHEMA } from '../move';
import type { Entry } from './dump';

/** Name of an object that is the same on both sides, as `pg_identify_object_as_address` gives it. */
export interface Address {
  readonly kind: string;
  readonly names: readonly string[];
  readonly args: readonly string[];
}

/** Record of what a move has made on the target. */
export interface Ledger {
  readonly has: (label: string) => boolean;
  /** Writes down, in the transaction that makes it, what an entry has made; without an address, that it is done. */
  readonly note: (label: string, address?: Address) => Promise<void>;
}

/** Kind of what is no object: names are the role, whether it is of the database alone, the name and the value. */
export const SETTING = 'setting';

const MADE = `${MOVE_SCHEMA}.made`;

/** Opens the ledger as the owner of the target, and makes it when it is not there. */
export async function openLedger(owner: Client, move: string): Promise<Ledger> {
  const there = await owner.query('select from pg_catalog.pg_namespace where nspname = $1', [MOVE_SCHEMA]);
  if (there.rowCount === 0) await owner.query(`create schema ${MOVE_SCHEMA}`);
  await owner.query(`create table if not exists ${MADE} (move text, label text, catalogue oid, object oid,
    kind text, names text[], args text[], primary key (move, label))`);
  const { rows } = await owner.query<{ readonly label: string }>(`select label from ${MADE} where move = $1`, [move]);
  const labels = new Set(rows.map(({ label }) => label));
  return {
    has: (label) => labels.has(label),
    note: async (label, address) => {
      if (address === undefined) {
        await owner.query(`insert into ${MADE} (move, label) values ($1, $2)`, [move, label]);
      } else if (address.kind === SETTING) {
        const { kind, names } = address;
        await owner.query(`insert into ${MADE} (move, label, kind, names) values ($1, $2, $3, $4)`, [
          move,
          label,
          kind,
          names,
        ]);
      } else {
        const { kind, names, args } = address;
        await owner.query(
          `insert into ${MADE} select $1, $2, a.classid, a.objid, $3, $4, $5
            from pg_catalog.pg_get_object_address($3, $4::text[], $5::text[]) a`,
          [move, label, kind, names, args],
        );
      }
      labels.add(label);
    },
  };
}

/** Of what entries make, the kinds that stand alone: all others come and go with a table, a view or a type. */
const ALONE: ReadonlySet<string> = new Set([
  ...[
    'schema',
    'extension',
    'table',
    'sequence',
    'view',
    'materialized view',
    'type',
    'function',
    'procedure',
    'aggregate',
  ],
  ...['operator', 'operator class', 'operator family', 'collation', 'conversion', 'cast', 'language', 'transform'],
  ...[
    'default acl',
    'text search parser',
    'text search dictionary',
    'text search template',
    'text search configuration',
  ],
]);

/**
 * Addresses of what entries make, read on the source, by the label of the entry. Default privileges alone are named after
 * their owner.
 */
export async function addressesOf(
  source: Client,
  entries: readonly Entry[],
  newOwner: string,
): Promise<ReadonlyMap<string, Address>> {
  const withObject = entries.flatMap(({ label, object }) => (object === undefined ? [] : [{ label, object }]));
  const { rows } = await source.query<Address & { readonly label: string }>(
    `select e.label, a.type as kind, a.object_args as args,
        case a.type when 'default acl' then array[$4::text] || a.object_names[2:] else a.object_names end as names
      from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::oid[]), pg_catalog.unnest($3::oid[])) as e (label, catalogue, object)
      cross join lateral pg_catalog.pg_identify_object_as_address(e.catalogue, e.object, 0) a where a.type is not null`,
    [
      withObject.map(({ label }) => label),
      withObject.map(({ object }) => object.split(':')[0]),
      withObject.map(({ object }) => object.split(':')[1]),
      newOwner,
    ],
  );
  return new Map(
    rows.filter(({ kind }) => ALONE.has(kind)).map(({ label, kind, names, args }) => [label, { kind, names, args }]),
  );
}

/** Object of the ledger that is still what the move has made. */
export interface Made {
  readonly catalogue: number;
  readonly object: number;
  readonly kind: string;
  /** Quoted, with the schema, as a statement names it. */
  readonly identity: string;
}

/** Reads what a move has made and is still there under its name; nothing when there is no ledger. */
export async function readMade(owner: Client, move: string): Promise<readonly Made[]> {
  if (!(await hasLedger(owner))) return [];
  const { rows } = await owner.query<Made>(
    `select m.catalogue, m.object, m.kind, i.identity from ${MADE} m
      cross join lateral pg_catalog.pg_identify_object_as_address(m.catalogue, m.object, 0) a
      cross join lateral pg_catalog.pg_identify_object(m.catalogue, m.object, 0) i
      where m.move = $1 and (a.type, a.object_names, a.object_args) = (m.kind, m.names, m.args)`,
    [move],
  );
  return rows;
}

export async function readSettingsMade(owner: Client, move: string): Promise<readonly (readonly string[])[]> {
  if (!(await hasLedger(owner))) return [];
  const { rows } = await owner.query<{ readonly names: readonly string[] }>(
    `select names from ${MADE} where move = $1 and kind = $2`,
    [move, SETTING],
  );
  return rows.map(({ names }) => names);
}

export async function clearLedger(owner: Client, move: string): Promise<void> {
  if (await hasLedger(owner)) await owner.query(`delete from ${MADE} where move = $1`, [move]);
}

/** By the catalogue: a schema of that name that is somebody else's may not be looked into. */
async function hasLedger(owner: Client): Promise<boolean> {
  const { rowCount } = await owner.query(
    `select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = 'made' and pg_catalog.pg_get_userbyid(c.relowner) = current_user`,
    [MOVE_SCHEMA],
  );
  return rowCount === 1;
}
