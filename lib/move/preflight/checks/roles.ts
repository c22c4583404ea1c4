import { type Context, namesIn, type PreflightCheck } from '../check';

// Grants on what the application has made, and default privileges of its owner, to others than the owner itself. The role by
// which a move reads is of one side alone.
const GRANTEES = `with acls (acl) as (
  select c.relacl from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and (not $2 or c.oid = any ($1::oid[]))
  union all select a.attacl from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and (not $2 or c.oid = any ($1::oid[]))
  union all select n.nspacl from pg_catalog.pg_namespace n where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  union all select p.proacl from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  union all select t.typacl from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  union all select d.defaclacl from pg_catalog.pg_default_acl d
    where d.defaclrole = (select oid from pg_catalog.pg_roles where rolname = current_user))
select distinct pg_catalog.pg_get_userbyid(g.grantee)::text as what from acls cross join lateral pg_catalog.aclexplode(acl) g
where g.grantee <> 0 and pg_catalog.pg_get_userbyid(g.grantee) <> current_user
  and pg_catalog.pg_get_userbyid(g.grantee) !~ '^(pg_|beamstalk_(move|back)_)' order by 1`;

async function missingRoles({ source, target, tables, named }: Context): Promise<string[]> {
  const grantees = await namesIn(source.owner, GRANTEES, [tables, named]);
  const there = await namesIn(target.owner, 'select rolname::text as what from pg_catalog.pg_roles');
  return grantees.filter((role) => !there.includes(role));
}

export const ROLE_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'roles-missing',
    level: 'refuse',
    find: missingRoles,
    what: (names, { move }) => `grants name roles that ${move.target.title} does not have: ${names}`,
    remedy: 'create role ... there, or revoke what they were granted',
  },
  {
    id: 'default-privileges',
    level: 'note',
    find: ({ source }) =>
      namesIn(
        source.owner,
        `select distinct pg_catalog.pg_get_userbyid(defaclrole)::text as what from pg_catalog.pg_default_acl
          where pg_catalog.pg_get_userbyid(defaclrole) <> current_user order by 1`,
      ),
    what: (names) => `default privileges of others than the owner are not carried, those of ${names}`,
    remedy: 'alter default privileges for these roles on the target, should it need them',
  },
  {
    id: 'functions-of-others',
    level: 'accept',
    find: ({ source }) =>
      namesIn(
        source.owner,
        `select p.oid::pg_catalog.regprocedure::text || ' (' || pg_catalog.pg_get_userbyid(p.proowner) || ')' as what
          from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
          where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and p.prosecdef
            and pg_catalog.pg_get_userbyid(p.proowner) <> current_user
            and not exists (select from pg_catalog.pg_depend e where e.classid = p.tableoid and e.objid = p.oid and e.deptype = 'e')
          order by 1`,
      ),
    what: (names) =>
      `functions run with the rights of another role, and on the target with those of the owner: ${names}`,
    remedy: 'accept it, or make them on the target as that role afterwards',
  },
  {
    id: 'untrusted-functions',
    level: 'refuse',
    find: ({ source }) =>
      namesIn(
        source.owner,
        `select p.oid::pg_catalog.regprocedure::text || ' (' || l.lanname || ')' as what
          from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
          join pg_catalog.pg_language l on l.oid = p.prolang and not l.lanpltrusted and l.lanname <> 'sql'
          where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
            and not exists (select from pg_catalog.pg_depend e where e.classid = p.tableoid and e.objid = p.oid and e.deptype = 'e')
          order by 1`,
      ),
    what: (names) => `functions are written in languages that superusers alone may use: ${names}`,
    remedy: 'drop them, or write them in SQL or PL/pgSQL',
  },
];
