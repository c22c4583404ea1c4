import { createHash } from 'node:crypto';
import type { Client } from 'pg';

// Names in place of OIDs, and columns by their order in place of their number, since a table that is made anew has no
// traces of columns that were dropped. Expressions and types print with schemas, as the session's path holds
// PostgreSQL's own only. `t` are constraint triggers; `n` (from PostgreSQL 18) repeats the column's `not null`. Where a
// foreign key meets a partitioned table, the names of its parts depend on the order in which they were made.
const LINES = `with moved as (
  select c.oid, n.nspname || '.' || c.relname as name, c.relkind, c.relpartbound
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = any ($1::oid[])),
columns as (
  select m.name as relation, a.*,
    pg_catalog.row_number() over (partition by a.attrelid order by a.attnum) as position
  from moved m join pg_catalog.pg_attribute a on a.attrelid = m.oid where a.attnum > 0 and not a.attisdropped),
types as (
  with recursive used (oid) as (
    select atttypid from columns
    union
    select r.oid from used u join pg_catalog.pg_type t on t.oid = u.oid cross join lateral (
      select t.typelem union all select t.typbasetype
      union all select a.atttypid from pg_catalog.pg_attribute a
        where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) r (oid) where r.oid <> 0)
  select t.oid, t.typrelid, pg_catalog.format_type(t.oid, null) as name, t.typtype, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault
  from used u join pg_catalog.pg_type t on t.oid = u.oid)
select pg_catalog.jsonb_build_array('table', m.name, m.relkind, pg_catalog.pg_get_expr(m.relpartbound, m.oid),
  case m.relkind when 'p' then pg_catalog.pg_get_partkeydef(m.oid) end,
  (select pg_catalog.jsonb_agg(p.inhparent::pg_catalog.regclass::text order by p.inhseqno) from pg_catalog.pg_inherits p
    where p.inhrelid = m.oid))::text as line from moved m
union all
select pg_catalog.jsonb_build_array('column', a.relation, a.position, a.attname,
  pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
  (select l.collname from pg_catalog.pg_collation l where l.oid = a.attcollation),
  pg_catalog.pg_get_expr(d.adbin, d.adrelid))::text
from columns a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
union all
select pg_catalog.jsonb_build_array('constraint', m.name, c.conname, pg_catalog.pg_get_constraintdef(c.oid))::text
from moved m join pg_catalog.pg_constraint c on c.conrelid = m.oid where c.contype not in ('t', 'n')
  and (c.contype <> 'f' or c.conparentid = 0)
union all
select pg_catalog.jsonb_build_array('composite', t.name, (select pg_catalog.jsonb_agg(
  a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) order by a.attnum)
  from pg_catalog.pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))::text
from types t where t.typtype = 'c'
union all
select pg_catalog.jsonb_build_array('label', t.name, e.enumlabel,
  pg_catalog.row_number() over (partition by t.oid order by e.enumsortorder))::text
from types t join pg_catalog.pg_enum e on e.enumtypid = t.oid
union all
select pg_catalog.jsonb_build_array('domain', t.name, pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull,
  t.typdefault, (select pg_catalog.jsonb_agg(pg_catalog.pg_get_constraintdef(c.oid) order by c.conname)
    from pg_catalog.pg_constraint c where c.contypid = t.oid and c.contype <> 'n'))::text
from types t where t.typtype = 'd'`;

/** SHA-256 of what tables and the types of their columns are made of, whichever server they are on. */
export async function readFingerprint(client: Client, tables: readonly number[]): Promise<string> {
  const { rows } = await client.query<{ readonly line: string }>(LINES, [tables]);
  const lines = rows.map(({ line }) => line).sort((a, b) => (a < b ? -1 : Number(a > b)));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
