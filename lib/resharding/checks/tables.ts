import type { Client } from 'pg';
import type { Finding } from '../../move/finding';
import { OF_THE_APPLICATION } from '../../move/relations';
import { some } from '../../move/some';
import { hashExpression, KEY_TYPES } from '../key-hash';
import { keyedTables } from '../moving-rows';
import type { Portion, Resharding } from '../resharding';

interface Found {
  readonly name: string;
  readonly partition: boolean;
}

// The fence is each cluster's own.
const TABLES = `select n.nspname || '.' || c.relname as name, c.relispartition as partition
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f') and c.relname <> 'beamstalk_fence' and ${OF_THE_APPLICATION} order by 1`;

const COLUMN = `select format_type(a.atttypid, null) as type from pg_attribute a join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and a.attname = $3 and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`;

/** Finds tables that are named, and that the clusters do not know; or the other way round, which would leave rows behind. */
export async function tablesFound(
  { tables }: Resharding,
  { source, target }: Pick<Portion, 'source' | 'target'>,
  owners: { readonly source: Client; readonly target: Client },
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const refuse = (id: string, names: readonly string[], what: (names: string) => string, remedy: string): void => {
    if (names.length > 0) findings.push({ id, level: 'refuse', what: what(some(names)), remedy });
  };
  const known = (await owners.source.query<Found>(TABLES)).rows;
  const named = new Set(tables.map(({ schema, name }) => `${schema}.${name}`));
  refuse(
    'not-named',
    known.filter(({ name, partition }) => !partition && !named.has(name)).map(({ name }) => name),
    (names) => `${source.title} has tables that are not named, and whose rows would stay: ${names}`,
    'name each with the column of its sharding key, or with null where every cluster has the same rows',
  );
  refuse(
    'partitions',
    known.filter(({ name, partition }) => partition && named.has(name)).map(({ name }) => name),
    (names) => `partitions are named: ${names}`,
    'name the partitioned table, which brings all of its partitions',
  );
  const keyed = keyedTables(tables).map((table) => ({ ...table, title: `${table.schema}.${table.name}` }));
  for (const [title, owner] of [
    [source.title, owners.source],
    [target.title, owners.target],
  ] as const) {
    const there = new Set((await owner.query<Found>(TABLES)).rows.map(({ name }) => name));
    refuse(
      'no-such-table',
      keyed.filter((table) => !there.has(table.title)).map((table) => table.title),
      (names) => `${title} has no table of the name ${names}`,
      'name tables as schema.table, and make the same schema on every cluster',
    );
  }
  if (findings.length > 0) return findings;
  const [without, unknown]: [string[], string[]] = [[], []];
  for (const { schema, name, key, title } of keyed) {
    const type = (await owners.source.query<{ type: string }>(COLUMN, [schema, name, key])).rows[0]?.type;
    if (type === undefined) without.push(`${title} (${key})`);
    else if (hashExpression(key, type) === undefined) unknown.push(`${title} (${key} ${type})`);
  }
  refuse(
    'no-such-key',
    without,
    (names) => `no such column, or a generated one: ${names}`,
    'name the column of the key',
  );
  refuse(
    'key-type',
    unknown,
    (names) => `nobody can know which bytes of these the application hashes: ${names}`,
    `keep the key in a column of the type ${KEY_TYPES.join(', ')}`,
  );
  return findings;
}
