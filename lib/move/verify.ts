import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import type { Inventory } from './inventory';
import { quoted } from './quoted';
import type { Verification } from './results';
import type { QualifiedName } from './side';

interface Sum {
  readonly rows: string;
  readonly checksum: string;
}

/**
 * Compares rows of two sides, each in the transaction that its session is in. A table is read once on each side, by the
 * server, which sends two numbers: the count of its rows, and the sum of the hashes of their text.
 *
 * @param conditionOf Condition on the rows of a table that are compared; left out, all are.
 */
export async function compareRows(
  inventory: Inventory,
  before: Client,
  after: Client,
  conditionOf: (table: QualifiedName) => string = () => 'true',
): Promise<Verification> {
  const began = performance.now();
  const hash = createHash('sha256');
  const differences: string[] = [];
  let rows = 0;
  const tables = inventory.tables.filter(({ kind }) => kind === 'table');
  for (const table of tables) {
    const name = quoted(table);
    const rowsOf = `${name} beamstalk_row where ${conditionOf(table)}`;
    const [left, right] = await Promise.all([sumOf(before, rowsOf), sumOf(after, rowsOf)]);
    hash.update(`${name} ${left.rows} ${left.checksum}\n`);
    rows += Number(left.rows);
    if (left.rows !== right.rows) differences.push(`${name}: ${left.rows} and ${right.rows} rows`);
    else if (left.checksum !== right.checksum) differences.push(`${name}: ${left.rows} rows each, and not the same`);
  }
  return {
    equal: differences.length === 0,
    tables: tables.length,
    rows,
    digest: hash.digest('hex'),
    differences,
    seconds: (performance.now() - began) / 1000,
  };
}

/** The alias is a name that no column has: `name::text` would be that column's. */
async function sumOf(client: Client, rowsOf: string): Promise<Sum> {
  const { rows } = await client.query<Sum>(
    `select count(*)::text as rows, coalesce(sum(hashtextextended(beamstalk_row::text, 0)::numeric), 0)::text as checksum
       from only ${rowsOf}`,
  );
  return rows[0] ?? { rows: '0', checksum: '0' };
}
