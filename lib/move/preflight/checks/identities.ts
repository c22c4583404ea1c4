import { escapeIdentifier } from 'pg';
import { quoted } from '../../quoted';
import { sqlState } from '../../session';
import { type Context, namesIn, type PreflightCheck } from '../check';

const UNDEFINED_FUNCTION = '42883';

/** Tables whose rows are found by all columns, of which one has a type that knows no equality: json, xml, point. */
async function withoutEquality({ inventory, source }: Context): Promise<string[]> {
  const found: string[] = [];
  for (const table of inventory.tables) {
    if (table.identity !== 'full' || table.kind !== 'table') continue;
    const columns = await namesIn(
      source.owner,
      `select attname as what from pg_catalog.pg_attribute where attrelid = $1::pg_catalog.regclass and attnum > 0
        and not attisdropped and attgenerated = '' order by attnum`,
      [quoted(table)],
    );
    if (columns.length === 0) continue;
    try {
      // Grouping asks for the very equality that replication asks for, and no row is read.
      await source.owner.query(
        `select from only ${quoted(table)} where false group by ${columns.map(escapeIdentifier).join(', ')}`,
      );
    } catch (error) {
      if (sqlState(error) !== UNDEFINED_FUNCTION || !(error instanceof Error)) throw error;
      found.push(`${table.schema}.${table.name} (${error.message.replace(/^.* for /, '')})`);
    }
  }
  return found;
}

export const IDENTITY_CHECKS: readonly PreflightCheck[] = [
  {
    id: 'no-equality',
    level: 'refuse',
    find: withoutEquality,
    what: (names) => `tables have no key, and rows cannot be found by all columns either: ${names}`,
    remedy: 'give them a primary key, or another type (jsonb for json)',
  },
  {
    id: 'no-key',
    level: 'note',
    find: ({ inventory }) =>
      Promise.resolve(
        inventory.tables
          .filter(({ identity, kind }) => identity === 'full' && kind === 'table')
          .map(({ schema, name }) => `${schema}.${name}`),
      ),
    what: (names) =>
      `tables without a key (or with a deferrable one) find rows by all columns, which takes long in large ones: ${names}`,
    remedy: 'give them a primary key, should they change often',
  },
];
