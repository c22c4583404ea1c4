import type { Architecture } from '../architecture/architecture';
import { type StoreKind, shareOfKind } from '../facts/row-shares';

/** Shares of all reads, writes and rows, from 0 to 1. */
export interface RowShares {
  /** Share of each database: the single one, or that of one function. */
  readonly database: number;
  /** Share of all shards together. */
  readonly sharded: number;
}

/** The shares that the databases of an architecture have, as the bill splits them. */
export function rowSharesOf(architecture: Architecture): RowShares {
  const kinds = kindsOf(architecture);
  const databases = Math.max(1, architecture.functions?.length ?? 1);
  return {
    // The box of phase 0 has its database itself.
    database: kinds.size === 0 ? 1 : shareOfKind('relational', kinds) / databases,
    sharded: shareOfKind('aurora', kinds) + shareOfKind('dsql', kinds),
  };
}

function kindsOf({ database, functions, sharding, tables, readModels, noSql }: Architecture): ReadonlySet<StoreKind> {
  const there: readonly (readonly [StoreKind, boolean])[] = [
    ['relational', database !== undefined || functions !== undefined],
    ['aurora', sharding !== undefined && sharding.engine !== 'dsql'],
    ['dsql', sharding?.engine === 'dsql'],
    ['tables', (tables ?? []).length + (readModels ?? []).length > 0],
    ['documents', noSql?.documents !== undefined],
    ['wide', noSql?.wideColumns === true],
    ['graph', noSql?.graph !== undefined],
  ];
  return new Set(there.flatMap(([kind, isThere]) => (isThere ? [kind] : [])));
}
