import type { Client } from 'pg';
import type { Finding } from '../finding';
import type { Inventory } from '../inventory';
import type { Move } from '../move';
import type { Names } from '../names';

export interface Sessions {
  readonly owner: Client;
  readonly administrator: Client;
}

/** Input of checks; they change nothing that stays. */
export interface Context {
  readonly move: Move;
  readonly names: Names;
  readonly source: Sessions;
  readonly target: Sessions;
  readonly inventory: Inventory;
  /** OIDs of the tables of the inventory, on the source. */
  readonly tables: readonly number[];
  /** True when only the tables that were named move. */
  readonly named: boolean;
  /** True once the move has made things of its own. */
  readonly begun: boolean;
}

/** One thing that speaks against a move, or that the operator should know. */
export interface PreflightCheck {
  readonly id: string;
  readonly level: Finding['level'];
  /** Names of all that has it, sorted; none when all is well. */
  readonly find: (context: Context) => Promise<readonly string[]>;
  /** Sentence about the names. */
  readonly what: (names: string, context: Context) => string;
  readonly remedy: string;
}

/** Reads names: the column `what` of a query. */
export async function namesIn(client: Client, query: string, values: readonly unknown[] = []): Promise<string[]> {
  const { rows } = await client.query<{ readonly what: string }>(query, [...values]);
  return rows.map(({ what }) => what);
}

/** Condition and columns of tables that move, `$1` being their OIDs. */
export const MOVED = `pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace and c.oid = any ($1::oid[])`;
export const NAME = `n.nspname || '.' || c.relname`;

/** Asks both sides, and says which one each name is of. */
export async function onBothSides(
  { move, source, target }: Context,
  ask: (sessions: Sessions, side: 'source' | 'target') => Promise<readonly string[]>,
): Promise<string[]> {
  const sides = [
    { title: move.source.title, names: await ask(source, 'source') },
    { title: move.target.title, names: await ask(target, 'target') },
  ];
  return sides.flatMap(({ title, names }) => names.map((name) => `${title}: ${name}`));
}
