import { type Client, escapeIdentifier } from 'pg';
import type { Context, PreflightCheck } from '../check';

interface Extension {
  readonly name: string;
  readonly version: string;
  readonly schema: string;
}

async function extensionsOf(client: Client): Promise<readonly Extension[]> {
  const { rows } = await client.query<Extension>(
    `select e.extname as name, e.extversion as version, n.nspname as schema
      from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace order by e.oid`,
  );
  return rows;
}

/** Makes what lacks as the owner, in one transaction that is rolled back: whether it may says PostgreSQL alone. */
async function extensionsThatLack({ source, target }: Context): Promise<string[]> {
  const there = new Set((await extensionsOf(target.owner)).map(({ name }) => name));
  const missing = (await extensionsOf(source.owner)).filter(({ name }) => !there.has(name));
  const found: string[] = [];
  await target.owner.query('begin');
  for (const { name, schema } of missing) {
    await target.owner.query('savepoint one');
    try {
      const into = escapeIdentifier(schema);
      if (schema !== 'pg_catalog') await target.owner.query(`create schema if not exists ${into}`);
      await target.owner.query(`create extension ${escapeIdentifier(name)} schema ${into}`);
    } catch (error) {
      await target.owner.query('rollback to one');
      found.push(`${name} (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  await target.owner.query('rollback');
  return found.sort();
}

async function olderExtensions({ source, target }: Context): Promise<string[]> {
  const { rows } = await target.owner.query<{ readonly name: string; readonly version: string }>(
    `select a.name, coalesce(a.installed_version, a.default_version) as version from pg_catalog.pg_available_extensions a`,
  );
  const versions = new Map(rows.map(({ name, version }) => [name, version]));
  return (await extensionsOf(source.owner)).flatMap(({ name, version }) => {
    const other = versions.get(name);
    return other !== undefined && isOlder(other, version) ? [`${name} ${version} and ${other}`] : [];
  });
}

/** Compares versions such as 1.6 and 1.10; other forms by their text. */
function isOlder(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) < 0;
}

export const EXTENSION_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'extensions',
    level: 'refuse',
    find: extensionsThatLack,
    what: (names, { move }) => `extensions cannot be made on ${move.target.title} by the owner: ${names}`,
    remedy: 'create extension ... there as administrator, or drop them from the source',
  },
  {
    id: 'extension-versions',
    level: 'accept',
    find: olderExtensions,
    what: (names, { move }) => `extensions of ${move.target.title} are older: ${names}`,
    remedy: 'alter extension ... update there, or accept it when nothing uses what is new',
  },
];
