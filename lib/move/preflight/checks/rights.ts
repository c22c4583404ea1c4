import { escapeLiteral } from 'pg';
import { namesIn, onBothSides, type PreflightCheck } from '../check';

// A role by its name in the list of roles, since not every version has all of them.
const RIGHTS = `with me as (select * from pg_catalog.pg_roles where rolname = current_user),
held (role) as (select r.rolname from pg_catalog.pg_roles r where pg_catalog.pg_has_role(current_user, r.oid, 'usage'))
select what from (
  select 'createrole' as what where not (select rolcreaterole from me)
  union all select 'replication' where not (select rolreplication from me) and 'rds_replication' not in (select role from held)
  union all select 'pg_create_subscription' where 'pg_create_subscription' not in (select role from held)
  union all select 'pg_monitor' where 'pg_monitor' not in (select role from held)
  union all select 'membership of ' || $1 where $1 not in (select role from held)
  union all select 'create on the database' where not pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create')
) lacking where not (select rolsuper from me)`;

export const RIGHTS_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'administrator',
    level: 'refuse',
    find: (context) =>
      onBothSides(context, async ({ owner, administrator }) => {
        const [role = ''] = await namesIn(owner, 'select current_user::text as what');
        return await namesIn(administrator, RIGHTS, [role]);
      }),
    what: (names) => `the administrator lacks rights: ${names}`,
    remedy: 'grant them to it, as superuser or as the master user of RDS',
  },
  {
    id: 'owner',
    level: 'refuse',
    find: async ({ source, target, inventory, ...rest }) => {
      const schemas = [...new Set(inventory.tables.map(({ schema }) => schema))].map(escapeLiteral).join(', ') || "''";
      const lacking = `select 'create on the database' as what
          where not pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create')
        union all select 'create on schema ' || nspname from pg_catalog.pg_namespace
          where nspname in (${schemas}) and not pg_catalog.has_schema_privilege(oid, 'create') order by 1`;
      return await onBothSides({ source, target, inventory, ...rest }, ({ owner }) => namesIn(owner, lacking));
    },
    what: (names) => `the owner of the tables lacks rights: ${names}`,
    remedy: 'grant them to it, as administrator',
  },
];
