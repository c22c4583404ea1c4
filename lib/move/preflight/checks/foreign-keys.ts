import { namesIn, type PreflightCheck } from '../check';

export const FOREIGN_KEY_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'foreign-keys',
    level: 'refuse',
    find: ({ source, tables }) =>
      namesIn(
        source.owner,
        `select k.conrelid::pg_catalog.regclass::text || ' (' || k.conname || ') to ' || k.confrelid::pg_catalog.regclass::text as what
          from pg_catalog.pg_constraint k where k.contype = 'f' and k.conparentid = 0
          and (k.conrelid = any ($1::oid[])) <> (k.confrelid = any ($1::oid[])) order by 1`,
        [tables],
      ),
    what: (names) => `foreign keys join tables that move with tables that stay: ${names}`,
    remedy: 'drop them, and what relies on them, in a release before; or name the other table too',
  },
];
