import { MOVED, NAME, namesIn, type PreflightCheck } from '../check';

const COUNT = `select count(*) || ' large objects' as what from pg_catalog.pg_largeobject_metadata having count(*) > 0`;

export const LARGE_OBJECT_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'large-objects',
    level: 'refuse',
    find: async ({ source, tables, named }) => {
      const count = await namesIn(source.owner, COUNT);
      if (!named || count.length === 0) return count;
      return namesIn(
        source.owner,
        `select distinct ${NAME} || '.' || a.attname as what from ${MOVED}
          join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          join pg_catalog.pg_type t on t.oid = a.atttypid
          where a.atttypid = 'pg_catalog.oid'::pg_catalog.regtype
            or t.typtype = 'd' and t.typbasetype = 'pg_catalog.oid'::pg_catalog.regtype order by 1`,
        [tables],
      );
    },
    what: (names) => `large objects are not replicated, and would be lost: ${names}`,
    remedy: 'move them into bytea columns or into S3, then lo_unlink; columns that hold no large objects become bigint',
  },
  {
    id: 'large-objects-stay',
    level: 'note',
    find: async ({ source, named }) => (named ? await namesIn(source.owner, COUNT) : []),
    what: (names, { move }) => `${names} stay in ${move.source.title}`,
    remedy: '',
  },
];
