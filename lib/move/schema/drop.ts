import type { Client } from 'pg';
import { MOVE_SCHEMA, type Move } from '../move';
import { MoveError } from '../move-error';
import { asOwner } from '../session';
import { some } from '../some';
import { clearLedger, type Made, readMade, readSettingsMade } from './ledger';
import { resetSettings } from './settings';

/** Kinds that others stand in come after them. */
const LAST = ['extension', 'schema'];

/**
 * Takes away from the target what `copyTables` and `copyRest` made, and nothing else, in one transaction.
 *
 * @throws MoveError when rows still flow from the target to the source, which would be emptied with the copy, when a
 * subscription still writes into the copy, or when something that the move did not make stands on it.
 */
export async function dropCopy(move: Move): Promise<void> {
  await asOwner(move.source, (source) => refuseWayBack(source, move));
  await asOwner(move.target, async (target) => {
    await refuseWayBack(target, move);
    await target.query('begin');
    await refuseUsers(target, move);
    const made = await readMade(target, move.id);
    await refuseOthers(target, made, move);
    for (const object of [...made].sort((a, b) => LAST.indexOf(a.kind) - LAST.indexOf(b.kind))) {
      await (object.kind === 'default acl' ? revokeDefaults(target, object) : drop(target, object));
    }
    await resetSettings(move, target, await readSettingsMade(target, move.id));
    await clearLedger(target, move.id);
    await target.query('commit');
    move.report(`took ${made.length} tables and others away from ${move.target.title}`);
  });
}

/** Refuses while users write to the copy, as its own record says, in the transaction that drops it: nobody lets them in meanwhile. */
async function refuseUsers(target: Client, { id, target: { title } }: Move): Promise<void> {
  const { rows: tables } = await target.query<{ readonly moves: string | null }>(
    `select pg_catalog.to_regclass('${MOVE_SCHEMA}.moves')::text as moves`,
  );
  if ((tables[0]?.moves ?? null) === null) return;
  const { rows } = await target.query<{ readonly closed: boolean }>(
    `select closed from ${MOVE_SCHEMA}.moves where move = $1 for update`,
    [id],
  );
  if (rows[0]?.closed === false) throw new MoveError(`users write to ${title}: run back first`);
}

/** Drops it with what stands on it, which the move made as well, and may have gone with something before. */
async function drop(target: Client, { kind, identity }: Made): Promise<void> {
  await target.query(`drop ${kind} if exists ${identity} cascade`);
}

/**
 * Takes default privileges back to those of PostgreSQL. The identity is such as `for role app_owner in schema public on
 * tables`; those of no schema may also lack what everybody, or the owner, has by default.
 */
async function revokeDefaults(target: Client, { object, identity }: Made): Promise<void> {
  const { rows } = await target.query<{ readonly grantee: string }>(
    `select distinct coalesce(pg_catalog.quote_ident(r.rolname), 'public') as grantee from pg_catalog.pg_default_acl a
      cross join lateral pg_catalog.aclexplode(a.defaclacl) g left join pg_catalog.pg_roles r on r.oid = g.grantee
      where a.oid = $1 and g.grantee <> a.defaclrole`,
    [object],
  );
  const [whose, kind] = [identity.slice(0, identity.lastIndexOf(' on ')), identity.slice(identity.lastIndexOf(' on '))];
  const change = (what: string) => target.query(`alter default privileges ${whose} ${what}`);
  for (const { grantee } of rows) await change(`revoke all${kind} from ${grantee}`);
  if (whose.includes(' in schema ')) return;
  if (kind === ' on functions' || kind === ' on types') await change(`grant all${kind} to public`);
  await change(`grant all${kind} to current_user`);
}

// The name in the list of publications counts too: a subscription may have been renamed.
const WAY_BACK = `select 'subscription' as kind from pg_catalog.pg_subscription where subname = $1 or $1 = any (subpublications)
union all select 'publication' from pg_catalog.pg_publication where pubname = $1`;

/** Rows that are deleted in the copy would be deleted in the database that it was copied from. */
async function refuseWayBack(client: Client, { id, source, target }: Move): Promise<void> {
  const name = `beamstalk_back_${id}`;
  const { rows } = await client.query<{ readonly kind: string }>(WAY_BACK, [name]);
  if (rows.length === 0) return;
  throw new MoveError(
    `${rows[0]?.kind} ${name} is still there: what is taken away from ${target.title} would be deleted in ` +
      `${source.title} too. Drop subscription ${name} in ${source.title}, then publication ${name} in ${target.title}`,
  );
}

// Parts go with what they are part of (`a`, `i`, `P`, `S`), and a CASCADE takes whatever else stands on it (`n`). A table
// that is a partition of another one, and a publication or subscription that names a table, are no mere parts.
const OTHERS = `with recursive made (catalogue, object) as (select * from rows from (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::oid[]))),
part (catalogue, object) as (
  select * from made
  union
  select d.classid, d.objid from part p join pg_catalog.pg_depend d on d.refclassid = p.catalogue and d.refobjid = p.object
  where d.deptype in ('a', 'i', 'P', 'S', 'e') and d.classid not in (
    'pg_catalog.pg_publication_rel'::pg_catalog.regclass, 'pg_catalog.pg_publication_namespace'::pg_catalog.regclass)
    and not exists (select from pg_catalog.pg_class c where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
      and c.oid = d.objid and c.relkind in ('r', 'p', 'f', 'v', 'm', 'S') and d.deptype = 'a'))
select distinct pg_catalog.pg_describe_object(d.classid, d.objid, 0) as what
from part p join pg_catalog.pg_depend d on d.refclassid = p.catalogue and d.refobjid = p.object
where not exists (select from part o where o.catalogue = d.classid and o.object = d.objid)
union all
select 'subscription ' || s.subname from pg_catalog.pg_subscription_rel r
  join pg_catalog.pg_subscription s on s.oid = r.srsubid
  where exists (select from made m where m.catalogue = 'pg_catalog.pg_class'::pg_catalog.regclass and m.object = r.srrelid)`;

async function refuseOthers(target: Client, made: readonly Made[], { target: { title } }: Move): Promise<void> {
  const { rows } = await target.query<{ readonly what: string }>(OTHERS, [
    made.map(({ catalogue }) => catalogue),
    made.map(({ object }) => object),
  ]);
  if (rows.length === 0) return;
  throw new MoveError(
    `${title}: ${some(rows.map(({ what }) => what))} would go with the copy, and no move has made it: drop it first, or keep the copy`,
  );
}
