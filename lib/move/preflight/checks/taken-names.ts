import { MOVE_SCHEMA } from '../../move';
import { readMade } from '../../schema/ledger';
import { type Context, namesIn, onBothSides, type PreflightCheck } from '../check';

const TAKEN = `select 'publication ' || pubname as what from pg_catalog.pg_publication where pubname = any ($1::text[])
union all select 'subscription ' || subname from pg_catalog.pg_subscription where subname = any ($1::text[])
union all select 'slot ' || slot_name from pg_catalog.pg_replication_slots where slot_name = any ($1::text[])
union all select 'role ' || rolname from pg_catalog.pg_roles where rolname = any ($1::text[])
union all select 'schema ' || nspname || ' of ' || pg_catalog.pg_get_userbyid(nspowner) from pg_catalog.pg_namespace
  where nspname = '${MOVE_SCHEMA}' and pg_catalog.pg_get_userbyid(nspowner) <> $2 order by 1`;

// Relations, functions and types that stand alone, by the name that statements give them.
const OBJECTS = `select o.catalogue::pg_catalog.text || ' ' || i.identity as name, o.catalogue, o.object,
  i.type || ' ' || i.identity as what from (
  select c.tableoid as catalogue, c.oid as object, c.relnamespace as namespace from pg_catalog.pg_class c
    where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and c.relpersistence <> 't'
  union all select p.tableoid, p.oid, p.pronamespace from pg_catalog.pg_proc p
  union all select t.tableoid, t.oid, t.typnamespace from pg_catalog.pg_type t
    where t.typtype in ('e', 'd', 'r')
      or t.typtype = 'c' and exists (select from pg_catalog.pg_class r where r.oid = t.typrelid and r.relkind = 'c')) o
join pg_catalog.pg_namespace n on n.oid = o.namespace and n.nspname !~ '^pg_'
  and n.nspname not in ('information_schema', '${MOVE_SCHEMA}')
cross join lateral pg_catalog.pg_identify_object(o.catalogue, o.object, 0) i
where not exists (select from pg_catalog.pg_depend e
  where e.classid = o.catalogue and e.objid = o.object and e.deptype = 'e')`;

interface NamedObject {
  /** The same for a table and a view of one name, since there can be only one. */
  readonly name: string;
  readonly catalogue: number;
  readonly object: number;
  readonly what: string;
}

/** Of what the target has, all that the source has under the same name, and that this move did not make. */
async function namesakes({ move, source, target }: Context): Promise<string[]> {
  const known = new Set((await source.owner.query<NamedObject>(OBJECTS)).rows.map(({ name }) => name));
  const made = new Set(
    (await readMade(target.owner, move.id)).map(({ catalogue, object }) => `${catalogue}:${object}`),
  );
  const { rows } = await target.owner.query<NamedObject>(OBJECTS);
  return rows
    .filter(({ catalogue, object, name }) => known.has(name) && !made.has(`${catalogue}:${object}`))
    .map(({ what }) => what)
    .sort();
}

export const TAKEN_NAME_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'names-taken',
    level: 'refuse',
    find: async (context) => {
      if (context.begun) return [];
      const { names } = context;
      return await onBothSides(context, async ({ owner, administrator }) => {
        const [role] = await namesIn(owner, 'select current_user::text as what');
        return await namesIn(administrator, TAKEN, [[names.forward, names.backward], role]);
      });
    },
    what: (names) => `there is something of the names that this move gives: ${names}`,
    remedy: 'abandon the move that has made it, drop it, or give this one another name',
  },
  {
    id: 'target-not-empty',
    level: 'refuse',
    find: namesakes,
    what: (names, { move }) => `${move.target.title} has already, and this move did not make: ${names}`,
    remedy: 'drop it there, or see that it is the right database',
  },
];
