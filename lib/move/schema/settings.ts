import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Move } from '../move';
import { asAdministrator, asOwner } from '../session';
import { type Ledger, SETTING } from './ledger';

/** Setting that `alter role` or `alter database` has given to sessions that begin. */
export interface Setting {
  /** Null: of the database, for all roles. */
  readonly role: string | null;
  /** False: of the role in every database. */
  readonly ofDatabase: boolean;
  readonly name: string;
  readonly value: string;
}

// Of the roles that act as the owner: the owner itself, and its members but for administrators. `role` is how they act as
// the owner, which whoever makes these roles sets.
const SETTINGS = `select r.rolname as role, s.setdatabase <> 0 as "ofDatabase",
  pg_catalog.split_part(c.line, '=', 1) as name,
  pg_catalog.substr(c.line, pg_catalog.strpos(c.line, '=') + 1) as value
from pg_catalog.pg_db_role_setting s
left join pg_catalog.pg_roles r on r.oid = s.setrole
cross join lateral pg_catalog.unnest(s.setconfig) as c (line)
where s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()))
  and (s.setrole = 0 and s.setdatabase <> 0 or pg_catalog.pg_has_role(r.oid, current_user, 'member')
    and not r.rolsuper and not r.rolcreaterole)
  and pg_catalog.split_part(c.line, '=', 1) not in ('role', 'session_authorization')
order by r.rolname nulls first, 2, 3`;

export async function readSettings(owner: Client): Promise<readonly Setting[]> {
  return (await owner.query<Setting>(SETTINGS)).rows;
}

/** Settings of the source that the target has no value of its own for. */
export async function settingsToCarry(source: Client, target: Client): Promise<readonly Setting[]> {
  const there = new Set((await readSettings(target)).map(subjectOf));
  return (await readSettings(source)).filter((setting) => !there.has(subjectOf(setting)));
}

function subjectOf({ role, ofDatabase, name }: Setting): string {
  return JSON.stringify([role, ofDatabase, name]);
}

/** Gives the target's roles and database the settings of the source's. What the target has set itself stays. */
export async function copySettings(move: Move, target: Client, ledger: Ledger): Promise<void> {
  const settings = await asOwner(move.source, (source) => settingsToCarry(source, target));
  await asAdministrator(move.target, async (administrator) => {
    for (const setting of settings) {
      await administrator.query(await statementFor(administrator, setting, literalOf(setting)));
      const { role, ofDatabase, name, value } = setting;
      const names = [role ?? '', String(ofDatabase), name, value];
      await ledger.note(`SETTING ${subjectOf(setting)}`, { kind: SETTING, names, args: [] });
    }
  });
}

/** Takes a setting away, unless it was changed meanwhile. */
export async function resetSettings(
  move: Move,
  target: Client,
  settings: readonly (readonly string[])[],
): Promise<void> {
  const there = new Map((await readSettings(target)).map((setting) => [subjectOf(setting), setting]));
  await asAdministrator(move.target, async (administrator) => {
    for (const [role = '', ofDatabase, name = '', value] of settings) {
      const setting = there.get(JSON.stringify([role || null, ofDatabase === 'true', name]));
      if (setting?.value === value && setting !== undefined) {
        await administrator.query(await statementFor(administrator, setting, 'default'));
      }
    }
  });
}

/** Statement that gives the setting its value; without a literal for the current database, which `alter` wants by name. */
export async function statementFor(
  client: Client,
  { role, ofDatabase, name }: Setting,
  value: string,
): Promise<string> {
  const { rows } = await client.query<{ readonly name: string }>('select pg_catalog.current_database() as name');
  const database = escapeIdentifier(rows[0]?.name ?? '');
  const whose =
    role === null
      ? `database ${database}`
      : `role ${escapeIdentifier(role)}${ofDatabase ? ` in database ${database}` : ''}`;
  return `alter ${whose} set ${name.split('.').map(escapeIdentifier).join('.')} = ${value}`;
}

/** Settings that are lists of names, which PostgreSQL keeps quoted as names. Source: variable_is_guc_list_quote of pg_dump. */
const LISTS: ReadonlySet<string> = new Set([
  ...['local_preload_libraries', 'search_path', 'session_preload_libraries', 'shared_preload_libraries'],
  ...['temp_tablespaces', 'unix_socket_directories'],
]);

export function literalOf({ name, value }: Setting): string {
  if (!LISTS.has(name.toLowerCase())) return escapeLiteral(value);
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|([^",\s]+)/g)];
  const plain = names.map(([, inQuotes, bare]) => inQuotes?.replaceAll('""', '"') ?? bare ?? '');
  return plain.length === 0 ? "''" : plain.map(escapeLiteral).join(', ');
}
