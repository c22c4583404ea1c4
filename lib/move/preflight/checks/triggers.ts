import { MOVED, NAME, namesIn, type PreflightCheck } from '../check';

const TRIGGERS = `${MOVED} join pg_catalog.pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal and t.tgname <> $2
  join pg_catalog.pg_proc p on p.oid = t.tgfoid`;

export const TRIGGER_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'always-triggers',
    level: 'refuse',
    find: ({ source, tables, names }) =>
      namesIn(
        source.owner,
        `select ${NAME} || ' (trigger ' || t.tgname || ')' as what from ${TRIGGERS} where t.tgenabled in ('A', 'R')
        union all select ${NAME} || ' (rule ' || r.rulename || ')' from ${MOVED}
          join pg_catalog.pg_rewrite r on r.ev_class = c.oid and r.ev_enabled in ('A', 'R') order by 1`,
        [tables, names.guard],
      ),
    what: (names) =>
      `triggers or rules fire for rows that come by replication, so that what they write would be there twice: ${names}`,
    remedy: 'alter table ... enable trigger (or rule), without always or replica',
  },
  {
    id: 'triggers-outside',
    level: 'accept',
    find: async ({ source, tables, names, named }) =>
      named
        ? await namesIn(
            source.owner,
            `select distinct ${NAME} || ' (' || p.proname || ' names ' || o.relname || ')' as what from ${TRIGGERS}
              join pg_catalog.pg_class o on o.relkind in ('r', 'p') and o.oid <> all ($1::oid[])
                and p.prosrc ~* ('\\m' || pg_catalog.regexp_replace(o.relname, '([^a-zA-Z0-9_])', '\\\\\\1', 'g') || '\\M')
              join pg_catalog.pg_namespace m on m.oid = o.relnamespace and m.nspname !~ '^pg_'
                and m.nspname not in ('information_schema', 'beamstalk_move')
              order by 1`,
            [tables, names.guard],
          )
        : [],
    what: (names) => `trigger functions name tables that stay, where what they write would be lost or missed: ${names}`,
    remedy: 'move these tables too, or accept it when the function does no more than mention them',
  },
  {
    id: 'trigger-functions',
    level: 'note',
    find: async ({ source, tables, names, named }) =>
      named
        ? await namesIn(
            source.owner,
            `select ${NAME} || ' (' || p.proname || ')' as what from ${TRIGGERS} order by 1`,
            [tables, names.guard],
          )
        : [],
    what: (names) => `triggers go with their tables: ${names}`,
    remedy: 'see that their functions, and what these call, write to no table that stays',
  },
  {
    id: 'rules',
    level: 'note',
    find: ({ source, tables }) =>
      namesIn(
        source.owner,
        `select ${NAME} || ' (' || r.rulename || ')' as what from ${MOVED}
          join pg_catalog.pg_rewrite r on r.ev_class = c.oid and r.ev_enabled not in ('A', 'R') order by 1`,
        [tables],
      ),
    what: (names) => `rules go with their tables: ${names}`,
    remedy: 'see that they write to no table that stays',
  },
];
