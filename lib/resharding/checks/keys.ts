import { MOVED, NAME, namesIn, onBothSides, type PreflightCheck } from '../../move/preflight/check';
import type { ShardedTable } from '../resharding';

/** Tables (`c`) with the column of their key (`k.key`), `$2` to `$4` being what was named. */
const KEYED = `${MOVED} join pg_namespace rn on true join pg_class r on r.relnamespace = rn.oid and r.oid = coalesce(pg_partition_root(c.oid), c.oid)
  join unnest($2::text[], $3::text[], $4::text[]) as k (schema, name, key) on k.schema = rn.nspname and k.name = r.relname`;

/** True where the index `i` of the table has the key among its columns. */
const HAS_KEY = `exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = k.key and a.attnum = any (i.indkey[0:i.indnkeyatts - 1]))`;

/** Checks of the sharding key, by which the rows that move are told from the others. */
export function keyChecks(keyed: readonly (ShardedTable & { readonly key: string })[]): readonly PreflightCheck[] {
  const named = [keyed.map(({ schema }) => schema), keyed.map(({ name }) => name), keyed.map(({ key }) => key)];
  return [
    {
      // Such a publication would have the application's own updates fail, as PostgreSQL notices there.
      id: 'key-outside-identity',
      level: 'refuse',
      find: ({ source, tables }) =>
        namesIn(
          source.owner,
          `select ${NAME} || ' (' || k.key || ')' as what from ${KEYED}
            where not exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indimmediate and ${HAS_KEY}
              and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end) order by 1`,
          [tables, ...named],
        ),
      what: (names) =>
        `the sharding key is no part of the primary key, so that changes of a row cannot be told to be its: ${names}`,
      remedy: 'make the key of the table (sharding key, ...), or set such a unique index as its replica identity',
    },
    {
      id: 'unique-without-key',
      level: 'accept',
      find: ({ source, tables }) =>
        namesIn(
          source.owner,
          `select ${NAME} || ' (' || i.indexrelid::regclass::text || ')' as what from ${KEYED}
            join pg_index i on i.indrelid = c.oid and not i.indisprimary and (i.indisunique or i.indisexclusion) where not ${HAS_KEY} order by 1`,
          [tables, ...named],
        ),
      what: (names) => `rows that come may contradict those that are there, which ends the copy: ${names}`,
      remedy: 'add the sharding key to these indexes, for what holds on one cluster alone holds nowhere',
    },
    {
      id: 'not-utf8',
      level: 'refuse',
      find: (context) =>
        onBothSides(context, ({ owner }) =>
          namesIn(
            owner,
            `select current_setting('server_encoding') as what where current_setting('server_encoding') <> 'UTF8'`,
          ),
        ),
      what: (names) => `keys are hashed as UTF-8, and the database keeps them otherwise: ${names}`,
      remedy: 'make the database with the encoding UTF8',
    },
  ];
}
