import type { Client } from 'pg';
import type { Entry } from './dump';

/** Grants to the roles of moves, which are of one side alone; and who granted, which on the target is the owner. */
const LEFT_OUT = [
  /^(?:GRANT|REVOKE) .* (?:TO|FROM) beamstalk_(?:move|back)_[a-z0-9_]+;\n/gm,
  /^(?:SET SESSION AUTHORIZATION .*|RESET SESSION AUTHORIZATION);\n/gm,
];

/**
 * Lets grants say the owner of the target where they name that of the source: on a box that is the application itself, and
 * elsewhere the role that it acts as. Default privileges are those of whoever makes things from now on, the owner.
 */
export async function forNewOwner(source: Client): Promise<(entry: Entry) => Entry> {
  const { rows } = await source.query<{ readonly name: string }>('select pg_catalog.quote_ident(current_user) as name');
  const owner = (rows[0]?.name ?? '').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const grantee = new RegExp(` (TO|FROM) ${owner}( WITH GRANT OPTION)?;$`, 'gm');
  const whose = new RegExp(`^ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} `, 'gm');
  return (entry) => {
    if (entry.type !== 'ACL' && entry.type !== 'DEFAULT ACL') return entry;
    const granted = LEFT_OUT.reduce((sql, line) => sql.replaceAll(line, ''), entry.sql);
    const sql = granted.replaceAll(grantee, ' $1 CURRENT_USER$2;').replaceAll(whose, 'ALTER DEFAULT PRIVILEGES ');
    return { ...entry, sql };
  };
}
