import { MOVED, NAME, namesIn, type PreflightCheck } from '../../move/preflight/check';
import type { ShardedTable } from '../resharding';

/** Foreign keys `f` of the application that begin or end at tables that move; `$1` to `$4` as in keys.ts. */
const REFERENCES = `select f.conrelid::regclass::text || ' (' || f.conname || ') to ' || f.confrelid::regclass::text as what
  from pg_constraint f
    left join lateral (select k.key from unnest($2::text[], $3::text[], $4::text[]) as k (schema, name, key), pg_class c
      join pg_namespace n on n.oid = c.relnamespace where c.oid = f.conrelid and n.nspname = k.schema and c.relname = k.name) child on true
    left join lateral (select k.key from unnest($2::text[], $3::text[], $4::text[]) as k (schema, name, key), pg_class c
      join pg_namespace n on n.oid = c.relnamespace where c.oid = f.confrelid and n.nspname = k.schema and c.relname = k.name) parent on true
  where f.contype = 'f' and f.conparentid = 0 and (f.conrelid = any ($1::oid[]) or f.confrelid = any ($1::oid[]))`;

/** True where the columns of `f` join the key of one table with the key of the other. */
const ALONG_KEYS = `exists (select from unnest(f.conkey, f.confkey) as pair (here, there)
  join pg_attribute h on h.attrelid = f.conrelid and h.attnum = pair.here and h.attname = child.key
  join pg_attribute t on t.attrelid = f.confrelid and t.attnum = pair.there and t.attname = parent.key)`;

/** Checks of all that is joined to rows that move, and does something of its own when they come or go. */
export function referenceChecks(
  keyed: readonly (ShardedTable & { readonly key: string })[],
): readonly PreflightCheck[] {
  const named = [keyed.map(({ schema }) => schema), keyed.map(({ name }) => name), keyed.map(({ key }) => key)];
  return [
    {
      id: 'references-across-keys',
      level: 'refuse',
      find: ({ source, tables }) =>
        namesIn(source.owner, `${REFERENCES} and parent.key is not null and not ${ALONG_KEYS} order by 1`, [
          tables,
          ...named,
        ]),
      what: (names) => `rows refer to rows of other keys, which do not go with them: ${names}`,
      remedy: 'let the foreign key hold the sharding key of both tables, or drop it',
    },
    {
      id: 'references-in-a-circle',
      level: 'refuse',
      find: ({ source, tables }) =>
        namesIn(
          source.owner,
          `with recursive way (origin, at) as (
              select f.conrelid, f.confrelid from pg_constraint f where f.contype = 'f' and f.conrelid = any ($1::oid[])
              union select w.origin, f.confrelid from way w join pg_constraint f on f.conrelid = w.at and f.contype = 'f')
            select distinct at::regclass::text as what from way where origin = at order by 1`,
          [tables],
        ),
      what: (names) =>
        `tables refer to themselves, or to each other in a circle, so that no order removes their rows: ${names}`,
      remedy: 'drop one of the foreign keys',
    },
    {
      id: 'triggers-on-delete',
      level: 'accept',
      find: ({ source, tables }) =>
        namesIn(
          source.owner,
          // 8 is the bit of delete.
          `select ${NAME} || ' (' || t.tgname || ')' as what from ${MOVED} join pg_trigger t on t.tgrelid = c.oid
            where not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 8 <> 0 order by 1`,
          [tables],
        ),
      what: (names) => `triggers fire when the rows that have moved are removed from where they were: ${names}`,
      remedy: "let their function return at once where current_setting('application_name') = 'beamstalk-move'",
    },
    {
      id: 'always-triggers',
      level: 'refuse',
      find: async ({ target, inventory }) =>
        await namesIn(
          target.owner,
          `select n.nspname || '.' || c.relname || ' (' || t.tgname || ')' as what from pg_trigger t
            join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
            where not t.tgisinternal and t.tgenabled in ('A', 'R')
              and (n.nspname, c.relname) in (select * from unnest($1::text[], $2::text[])) order by 1`,
          [inventory.tables.map(({ schema }) => schema), inventory.tables.map(({ name }) => name)],
        ),
      what: (names) => `triggers of the target fire for rows that come by replication: ${names}`,
      remedy: 'alter table ... enable trigger, without always or replica',
    },
  ];
}
