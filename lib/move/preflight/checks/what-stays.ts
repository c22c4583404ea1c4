import { type Dependencies, type ObjectKey, objectKey, readDependencies } from '../../dependencies';
import { OF_THE_APPLICATION, PG_CLASS } from '../../relations';
import { type Context, namesIn, type PreflightCheck } from '../check';

const STAYING = `select c.oid::pg_catalog.text as what from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f') and c.oid <> all ($1::oid[]) and ${OF_THE_APPLICATION}`;

// Parts that tables are made of: each of them, its defaults, constraints, triggers, policies, rules and indexes. Foreign keys
// have a check of their own.
const PARTS = `select o.catalogue, o.object, pg_catalog.pg_describe_object(o.catalogue, o.object, 0) as what from (
  select c.tableoid as catalogue, c.oid as object from pg_catalog.pg_class c where c.oid = any ($1::oid[])
  union all select d.tableoid, d.oid from pg_catalog.pg_attrdef d where d.adrelid = any ($1::oid[])
  union all select k.tableoid, k.oid from pg_catalog.pg_constraint k where k.conrelid = any ($1::oid[]) and k.contype <> 'f'
  union all select t.tableoid, t.oid from pg_catalog.pg_trigger t where t.tgrelid = any ($1::oid[]) and not t.tgisinternal
  union all select p.tableoid, p.oid from pg_catalog.pg_policy p where p.polrelid = any ($1::oid[])
  union all select r.tableoid, r.oid from pg_catalog.pg_rewrite r where r.ev_class = any ($1::oid[])
  union all select 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid from pg_catalog.pg_index i where i.indrelid = any ($1::oid[])) o`;

const VIEWS = `select c.tableoid as catalogue, c.oid as object, c.oid::pg_catalog.regclass::text as what from pg_catalog.pg_class c
  where c.relkind in ('v', 'm')`;

interface Row {
  readonly catalogue: number;
  readonly object: number;
  readonly what: string;
}

interface Staying {
  readonly dependencies: Dependencies;
  /** Tables that do not move, and all that stands on them. */
  readonly objects: ReadonlySet<ObjectKey>;
}

async function readStaying({ source, tables }: Context): Promise<Staying> {
  const dependencies = await readDependencies(source.owner);
  const others = await namesIn(source.owner, STAYING, [tables]);
  return { dependencies, objects: dependencies.dependentsOf(others.map((oid) => objectKey(PG_CLASS, Number(oid)))) };
}

async function partsThatStay(context: Context): Promise<string[]> {
  if (!context.named) return [];
  const { objects } = await readStaying(context);
  const { rows } = await context.source.owner.query<Row>(PARTS, [context.tables]);
  return rows
    .filter(({ catalogue, object }) => objects.has(objectKey(catalogue, object)))
    .map(({ what }) => what)
    .sort();
}

async function viewsThatStay(context: Context): Promise<string[]> {
  if (!context.named) return [];
  const { dependencies, objects } = await readStaying(context);
  const ofMoved = dependencies.dependentsOf(context.tables.map((oid) => objectKey(PG_CLASS, oid)));
  const { rows } = await context.source.owner.query<Row>(VIEWS);
  return rows
    .filter(({ catalogue, object }) => {
      const key = objectKey(catalogue, object);
      return objects.has(key) && ofMoved.has(key);
    })
    .map(({ what }) => what)
    .sort();
}

/** When named tables move: what of theirs, or beside them, stays. */
export const STAYING_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'stands-on-others',
    level: 'refuse',
    find: partsThatStay,
    what: (names) => `parts of tables that move stand on tables that stay: ${names}`,
    remedy: 'drop these parts, or name those tables too',
  },
  {
    id: 'views-stay',
    level: 'note',
    find: viewsThatStay,
    what: (names) => `views read tables that move and tables that stay, and stay: ${names}`,
    remedy: 'see that the release reads them no longer',
  },
  {
    id: 'sequences-stay',
    level: 'note',
    find: async ({ source, named }) =>
      named
        ? await namesIn(
            source.owner,
            `select c.oid::pg_catalog.regclass::text as what from pg_catalog.pg_class c
              join pg_catalog.pg_namespace n on n.oid = c.relnamespace
              where c.relkind = 'S' and ${OF_THE_APPLICATION} and not exists (select from pg_catalog.pg_depend d
                where d.classid = c.tableoid and d.objid = c.oid and d.deptype in ('a', 'i')
                  or d.refclassid = c.tableoid and d.refobjid = c.oid
                    and d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass) order by 1`,
          )
        : [],
    what: (names) => `sequences belong to no table, and stay: ${names}`,
    remedy: 'let one be owned by a column (alter sequence ... owned by) for it to move with that table',
  },
];
