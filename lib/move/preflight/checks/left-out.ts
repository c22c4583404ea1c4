import { namesIn, type PreflightCheck } from '../check';

/** Objects that a move does not carry, whether or not they belong to a table. */
export const LEFT_OUT_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'foreign-tables',
    level: 'accept',
    find: async ({ source, named }) =>
      named
        ? []
        : await namesIn(
            source.owner,
            `select 'server ' || srvname as what from pg_catalog.pg_foreign_server
              union all select 'foreign table ' || ftrelid::pg_catalog.regclass::text from pg_catalog.pg_foreign_table order by 1`,
          ),
    what: (names) => `foreign servers and their tables stay behind, with the passwords that they hold: ${names}`,
    remedy: 'make them on the target afterwards, or accept it',
  },
  {
    id: 'event-triggers',
    level: 'accept',
    find: ({ source }) =>
      namesIn(
        source.owner,
        `select evtname as what from pg_catalog.pg_event_trigger t where not exists (select from pg_catalog.pg_depend e
          where e.classid = t.tableoid and e.objid = t.oid and e.deptype = 'e') order by 1`,
      ),
    what: (names) => `event triggers stay behind, and fire for what the move makes on the source: ${names}`,
    remedy: 'make them on the target afterwards, or accept it',
  },
  {
    id: 'security-labels',
    level: 'accept',
    find: ({ source }) =>
      namesIn(
        source.owner,
        `select distinct objtype || ' ' || objname as what from pg_catalog.pg_seclabels where objoid >= 16384 order by 1`,
      ),
    what: (names) => `security labels are not carried: ${names}`,
    remedy: 'set them on the target afterwards, or accept it',
  },
  {
    id: 'publications',
    level: 'accept',
    find: ({ source, tables, names }) =>
      namesIn(
        source.owner,
        `select p.pubname as what from pg_catalog.pg_publication p where p.pubname <> $2 and (p.puballtables
          or exists (select from pg_catalog.pg_publication_rel r where r.prpubid = p.oid and r.prrelid = any ($1::oid[]))
          or exists (select from pg_catalog.pg_publication_namespace s join pg_catalog.pg_class c on c.relnamespace = s.pnnspid
            where s.pnpubid = p.oid and c.oid = any ($1::oid[]))) order by 1`,
        [tables, names.forward],
      ),
    what: (names) => `others subscribe to tables that move, and get nothing once users write to the target: ${names}`,
    remedy: 'publish these tables on the target too, and let the others subscribe there; or accept it',
  },
];
