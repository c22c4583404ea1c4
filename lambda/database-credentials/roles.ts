import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { RoleNames } from './credentials';
import { codeOf } from './session';

/** One maker of roles at a time, whatever is deployed and rotated at once; any number that nobody else takes. */
const LOCK = 7_241_116_329;

/** Runs the work while nobody else makes or changes roles here. */
export async function whileAlone<Result>(client: Client, work: () => Promise<Result>): Promise<Result> {
  await client.query('select pg_catalog.pg_advisory_lock($1::bigint)', [LOCK]);
  try {
    return await work();
  } finally {
    await client.query('select pg_catalog.pg_advisory_unlock($1::bigint)', [LOCK]).catch(() => undefined);
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
export async function makeTokenUser(client: Client, user: string, owner: string): Promise<void> {
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
  const { rowCount } = await client.query('select from pg_catalog.pg_roles where rolname = $1', [name]);
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
    `select pg_catalog.quote_ident(pg_catalog.current_database()) as database, (select rolname from pg_catalog.pg_namespace
      join pg_catalog.pg_roles r on r.oid = nspowner where nspname = 'public') as "schemaOwner"`,
  );
  const [place] = rows;
  if (place === undefined) throw new Error('the database does not say its name');
  return place;
}
