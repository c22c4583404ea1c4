import { setTimeout as pause } from 'node:timers/promises';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { RoleNames } from './credentials';
import { scramVerifier } from './scram';
import { codeOf } from './session';

/** One maker of roles at a time, whatever is deployed and rotated at once; any number that nobody else takes. */
const LOCK = 7_241_116_329;

/** Runs the work while nobody else makes or changes roles here. */
export async function whileAlone<Result>(client: Client, work: () => Promise<Result>): Promise<Result> {
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  try {
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
  }
}

/**
 * Makes the roles of an application where they are missing: two users with passwords, in turn, who act as their owner.
 */
export async function makeRoles(client: Client, names: RoleNames): Promise<void> {
  await makeOwner(client, names.owner);
  for (const user of names.users) await makeUser(client, user, names.owner);
}

/** Makes one user who logs in with a token that IAM signs instead of a password: only RDS knows such. */
export async function makeTokenUser(client: Client, { owner, users: [user] }: RoleNames): Promise<void> {
  await makeOwner(client, owner);
  await makeUser(client, user, owner);
  await client.query(`grant rds_iam to ${escapeIdentifier(user)}`);
}

/**
 * Gives the owner what a release and its schema migrations need: the schema `public`, schemas of its own, extensions
 * that PostgreSQL trusts, and temporary tables. Not the database itself, no role, no other database.
 *
 * The administrator becomes a member, so that those who still log in as administrator go on, and what they make
 * meanwhile is open to the application.
 */
async function makeOwner(client: Client, owner: string): Promise<void> {
  const name = escapeIdentifier(owner);
  if (!(await isRole(client, owner))) await client.query(`create role ${name} nologin`);
  await client.query(`grant ${name} to current_user`);
  const { database, schemaOwner } = await placeOf(client);
  await client.query(`grant connect, create, temporary on database ${database} to ${name}`);
  if (schemaOwner !== null && schemaOwner !== owner) await client.query(`alter schema public owner to ${name}`);
  for (const kind of ['tables', 'sequences', 'functions', 'types', 'schemas']) {
    await whereThereIs(client.query(`alter default privileges grant all on ${kind} to ${name}`));
  }
}

async function makeUser(client: Client, user: string, owner: string): Promise<void> {
  const name = escapeIdentifier(user);
  // Without a password nobody gets in.
  if (!(await isRole(client, user))) await client.query(`create role ${name} login`);
  await client.query(`grant ${escapeIdentifier(owner)} to ${name}`);
  await client.query(`alter role ${name} set role = ${escapeLiteral(owner)}`);
  // A session that has left the owner's role makes things of its own; the other user could not change them.
  await client.query(`grant ${name} to current_user`);
  await whereThereIs(client.query(`reassign owned by ${name} to ${escapeIdentifier(owner)}`));
}

const NOT_SUPPORTED = '0A000';

/** Aurora Limitless lacks some statements; what they do is for systems that were there before, and it was not. */
async function whereThereIs(statement: Promise<unknown>): Promise<void> {
  await statement.catch((error: unknown) => {
    if (codeOf(error) !== NOT_SUPPORTED) throw error;
  });
}

async function isRole(client: Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
  return rowCount !== 0;
}

interface Place {
  /** Name of the database, quoted. */
  readonly database: string;
  /** Owner of the schema `public`, when there is one. */
  readonly schemaOwner: string | null;
}

async function placeOf(client: Client): Promise<Place> {
  const { rows } = await client.query<Place>(
    `select quote_ident(current_database()) as database, (select rolname from pg_namespace
      join pg_roles r on r.oid = nspowner where nspname = 'public') as "schemaOwner"`,
  );
  const [place] = rows;
  if (place === undefined) throw new Error('the database does not say its name');
  return place;
}

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

/** How long one statement waits for a table in use, and how long it then lets others go first, milliseconds. */
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
export async function handOver(client: Client, { owner }: RoleNames, deadline: AbortSignal): Promise<number> {
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

export async function setPassword(client: Client, user: string, password: string): Promise<void> {
  await client.query(`alter role ${escapeIdentifier(user)} password ${escapeLiteral(scramVerifier(password))}`);
}

/**
 * Says why the user's password must not change now, when somebody lives by it: pools keep sessions open, so who has one
 * would be locked out with the next. Just after the server's start nobody has come back yet, and no session says nothing.
 *
 * @param settledSeconds Time after a start within which pools have come back.
 */
export async function stillUsed(client: Client, user: string, settledSeconds: number): Promise<string | undefined> {
  const { rows } = await client.query<{ sessions: number; hosts: string | null; up: number }>(
    `select count(*)::int as sessions, string_agg(distinct coalesce(host(client_addr), 'this host'), ', ') as hosts,
      extract(epoch from now() - pg_postmaster_start_time())::int as up
    from pg_stat_activity where usename = $1`,
    [user],
  );
  const { sessions = 0, hosts = '', up = 0 } = rows[0] ?? {};
  if (sessions > 0) {
    return `${sessions} sessions of ${user}, from ${hosts}, are open: a release that runs there would be locked out; replace those nodes`;
  }
  return up < settledSeconds ? `the server started ${up} s ago, so that pools may still come back` : undefined;
}

/**
 * Waits until every replica that streams has what is written now: a password that its nodes will use is among it.
 *
 * @throws Error when one is still behind at the signal.
 */
export async function replicasHaveIt(client: Client, deadline: AbortSignal): Promise<void> {
  const { rows } = await client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  const here = rows[0]?.lsn;
  for (;;) {
    // Logical ones (the warehouse, a migration) copy no roles.
    const behind = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
      where coalesce(s.slot_type, 'physical') = 'physical' and r.state = 'streaming' and r.replay_lsn < $1::pg_lsn`,
      [here],
    );
    if (behind.rows[0]?.count === 0) return;
    if (deadline.aborted) throw new Error('a read replica does not have the new password yet: is it far behind?');
    await pause(PAUSE_MILLISECONDS);
  }
}
