import { quoted } from '../../quoted';
import { MOVED, NAME, namesIn, type PreflightCheck } from '../check';

/** Kinds of tables that move. */
export const TABLE_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'nothing-to-move',
    level: 'refuse',
    find: ({ inventory, move }) => Promise.resolve(inventory.tables.length === 0 ? [move.source.title] : []),
    what: (names) => `${names} has no table`,
    remedy: 'see that it is the right database',
  },
  {
    id: 'partitions',
    level: 'refuse',
    find: ({ source, tables }) =>
      namesIn(
        source.owner,
        `select ${NAME} || ' of ' || i.inhparent::pg_catalog.regclass::text as what from ${MOVED}
          join pg_catalog.pg_inherits i on i.inhrelid = c.oid and c.relispartition
          where i.inhparent <> all ($1::oid[]) order by 1`,
        [tables],
      ),
    what: (names) => `partitions are named without their table: ${names}`,
    remedy: 'name the partitioned table, which brings all of its partitions',
  },
  {
    id: 'inheritance',
    level: 'refuse',
    find: ({ source, tables }) =>
      namesIn(
        source.owner,
        `select i.inhrelid::pg_catalog.regclass::text || ' of ' || i.inhparent::pg_catalog.regclass::text as what
          from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid and not c.relispartition
          where c.relkind in ('r', 'p', 'f') and (i.inhrelid = any ($1::oid[]) or i.inhparent = any ($1::oid[])) order by 1`,
        [tables],
      ),
    what: (names) => `tables inherit from others without being partitions: ${names}`,
    remedy: 'make them partitions, or tables of their own (alter table ... no inherit)',
  },
  {
    id: 'unlogged-tables',
    level: 'refuse',
    find: ({ source, tables }) =>
      namesIn(source.owner, `select ${NAME} as what from ${MOVED} where c.relpersistence = 'u' order by 1`, [tables]),
    what: (names) => `tables are unlogged, so that no change of them can be replicated: ${names}`,
    remedy: 'alter table ... set logged, or drop them',
  },
  {
    id: 'foreign-partitions',
    level: 'refuse',
    find: ({ source, tables }) =>
      namesIn(
        source.owner,
        `select i.inhrelid::pg_catalog.regclass::text as what from pg_catalog.pg_inherits i
          join pg_catalog.pg_class c on c.oid = i.inhrelid and c.relkind = 'f' and c.relispartition
          where i.inhparent = any ($1::oid[]) order by 1`,
        [tables],
      ),
    what: (names) => `partitions are foreign tables, whose rows are elsewhere: ${names}`,
    remedy: 'detach them (alter table ... detach partition)',
  },
  {
    id: 'row-security',
    level: 'refuse',
    find: ({ source, tables }) =>
      namesIn(source.owner, `select ${NAME} as what from ${MOVED} where c.relrowsecurity order by 1`, [tables]),
    what: (names) => `row security would hide rows from the copy: ${names}`,
    remedy: 'alter table ... disable row level security until the move has finished',
  },
  {
    id: 'other-owner',
    level: 'refuse',
    find: ({ source, tables }) =>
      namesIn(
        source.owner,
        `select ${NAME} || ' (' || pg_catalog.pg_get_userbyid(c.relowner) || ')' as what from ${MOVED}
          where c.relowner <> (select oid from pg_catalog.pg_roles where rolname = current_user) order by 1`,
        [tables],
      ),
    what: (names, { move }) => `tables are not owned by the role that ${move.source.owner.user} acts as: ${names}`,
    remedy: 'alter table ... owner to that role',
  },
  {
    id: 'sequence-owner',
    level: 'refuse',
    find: ({ source, inventory }) =>
      namesIn(
        source.owner,
        `select ${NAME} || ' (' || pg_catalog.pg_get_userbyid(c.relowner) || ')' as what from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where c.oid = any ($1::pg_catalog.text[]::pg_catalog.regclass[])
            and c.relowner <> (select oid from pg_catalog.pg_roles where rolname = current_user) order by 1`,
        [inventory.sequences.map(quoted)],
      ),
    what: (names, { move }) =>
      `sequences are not owned by the role that ${move.source.owner.user} acts as, so that no way back could set them: ${names}`,
    remedy: 'alter sequence ... owner to that role',
  },
  {
    id: 'storage',
    level: 'accept',
    find: ({ source, tables }) =>
      namesIn(
        source.owner,
        `select ${NAME} || coalesce(' (' || s.spcname || ')', ' (' || m.amname || ')') as what from ${MOVED}
          left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
          left join pg_catalog.pg_am m on m.oid = c.relam and m.amname <> 'heap'
          where s.oid is not null or m.oid is not null order by 1`,
        [tables],
      ),
    what: (names) => `tables have a tablespace or an access method of their own, which is not carried: ${names}`,
    remedy: 'accept it: on the target they have those of the database',
  },
  {
    id: 'subscribed-tables',
    level: 'refuse',
    find: ({ source, tables, names }) =>
      namesIn(
        source.owner,
        `select ${NAME} || ' (' || s.subname || ')' as what from ${MOVED}
          join pg_catalog.pg_subscription_rel r on r.srrelid = c.oid
          join pg_catalog.pg_subscription s on s.oid = r.srsubid and s.subname <> $2 order by 1`,
        [tables, names.backward],
      ),
    what: (names) => `a subscription writes into tables that move, and replicated rows are not sent on: ${names}`,
    remedy: 'drop that subscription, or let the target subscribe in its place first',
  },
];
