import { literalOf, type Setting, settingsToCarry, statementFor } from '../../schema/settings';
import type { Context, PreflightCheck } from '../check';

/** Gives each setting to the target in a transaction that is rolled back: whether the administrator may, PostgreSQL says alone. */
async function settingsRefused({ named, source, target }: Context): Promise<string[]> {
  if (named) return [];
  const found: string[] = [];
  for (const setting of await settingsToCarry(source.owner, target.owner)) {
    await target.administrator.query('begin');
    try {
      await target.administrator.query(await statementFor(target.administrator, setting, literalOf(setting)));
    } catch (error) {
      found.push(`${described(setting)} (${error instanceof Error ? error.message : String(error)})`);
    }
    await target.administrator.query('rollback');
  }
  return found;
}

/** Settings that act on the named tables too, and that the target has not: parts of a database have none of their own. */
async function settingsLeft({ named, source, target }: Context): Promise<string[]> {
  return named ? (await settingsToCarry(source.owner, target.owner)).map(described) : [];
}

function described({ role, name }: Setting): string {
  return role === null ? name : `${name} of ${role}`;
}

export const SETTING_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'settings',
    level: 'refuse',
    find: settingsRefused,
    what: (names, { move }) => `${move.target.title} does not take settings of the database or of roles: ${names}`,
    remedy: 'set them there by other means (on RDS the parameter group), and reset them on the source',
  },
  {
    id: 'settings-stay',
    level: 'note',
    find: settingsLeft,
    what: (names) => `settings of the database or of roles are not carried with named tables: ${names}`,
    remedy: 'alter database ... set, or alter role ... set, on the target, should it need them',
  },
];
