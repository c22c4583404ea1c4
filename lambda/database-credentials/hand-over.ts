import { setTimeout as pause } from 'node:timers/promises';
import { type Client, escapeIdentifier } from 'pg';
import type { RoleNames } from './credentials';
import { codeOf } from './session';

/**
 * Statements that hand over what the administrator owns in this database, in an order in which nobody loses access on
 * the way: what a view or a function reads goes before it. Left out is what belongs to an extension, what follows its
 * table by itself, and what only an administrator can own (publications, subscriptions, event triggers).
 */
const HAND_OVER = `
with mine as (
  select oid from pg_roles where rolname = current_user
), of_extensions as (
  select classid, objid from pg_depend where deptype = 'e'
), objects (rank, kind, name, classid, objid) as (
  select 1, 'schema', quote_ident(nspname), 'pg_namespace'::regclass, n.oid
    from pg_namespace n join mine on nspowner = mine.oid where nspname !~ '^pg_'
  union all
  select case relkind when 'v' then 3 when 'm' then 3 else 2 end,
      case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
        when 'f' then 'foreign table' else 'table' end,
      c.oid::regclass::text, 'pg_class'::regclass, c.oid
    from pg_class c join mine on relowner = mine.oid
    where relkind in ('r', 'p', 'v', 'm', 'S', 'f') and relpersistence <> 't'
      and not (relkind = 'S' and exists (select from pg_depend
        where classid = 'pg_class'::regclass and objid = c.oid and deptype in ('a', 'i')))
  union all
  select 4, case typtype when 'd' then 'domain' else 'type' end, format_type(t.oid, null), 'pg_type'::regclass, t.oid
    from pg_type t join mine on typowner = mine.oid
    where typtype in ('e', 'd', 'r') or (typtype = 'c' and (select relkind from pg_class c where c.oid = typrelid) = 'c')
  union all
  select 5, 'routine', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid
    from pg_proc p join mine on proowner = mine.oid
  union all
  select 6, 'collation', format('%I.%I', nspname, collname), 'pg_collation'::regclass, c.oid
    from pg_collation c join mine on collowner = mine.oid join pg_namespace n on n.oid = collnamespace
  union all
  select 6, 'statistics', format('%I.%I', nspname, stxname), 'pg_statistic_ext'::regclass, s.oid
    from pg_statistic_ext s join mine on stxowner = mine.oid join pg_namespace n on n.oid = stxnamespace
  union all
  select 6, 'text search configuration', format('%I.%I', nspname, cfgname), 'pg_ts_config'::regclass, c.oid
    from pg_ts_config c join mine on cfgowner = mine.oid join pg_namespace n on n.oid = cfgnamespace
  union all
  select 6, 'text search dictionary', format('%I.%I', nspname, dictname), 'pg_ts_dict'::regclass, d.oid
    from pg_ts_dict d join mine on dictowner = mine.oid join pg_namespace n on n.oid = dictnamespace
  union all
  select 6, 'large object', l.oid::text, 'pg_largeobject'::regclass, l.oid
    from pg_largeobject_metadata l join mine on lomowner = mine.oid
)
select kind, name from objects
where (classid, objid) not in (select classid, objid from of_extensions)
order by rank, name`;

/** Time for which one statement waits for a table in use, and then lets others go first, milliseconds. */
const LOCK_MILLISECONDS = 2000;
const PAUSE_MILLISECONDS = 500;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Gives the application what the administrator owns in its database: what a system made before it had a role of its
 * own. One object at a time, each lock held for an instant and never waited for long; run again it goes on.
 *
 * @returns How many objects changed their owner.
 * @throws Error when a table stays in use until the signal.
 */
export async function handOver(
  client: Client,
  { owner }: Pick<RoleNames, 'owner'>,
  deadline: AbortSignal,
): Promise<number> {
  await client.query('select set_config($1, $2, false)', ['lock_timeout', String(LOCK_MILLISECONDS)]);
  // Without a path every name comes with its schema.
  await client.query(`set search_path = ''`);
  const { rows } = await client.query<{ kind: string; name: string }>(HAND_OVER);
  for (const { kind, name } of rows) {
    for (;;) {
      try {
        await client.query(`alter ${kind} ${name} owner to ${escapeIdentifier(owner)}`);
        break;
      } catch (error) {
        if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
        if (deadline.aborted)
          throw new Error(`the ${kind} ${name} stays in use by a long transaction: end it, and deploy again`);
        await pause(PAUSE_MILLISECONDS);
      }
    }
  }
  return rows.length;
}
