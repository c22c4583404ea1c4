/** Kinds of stores that rows may be in. */
export const STORE_KINDS = ['relational', 'aurora', 'dsql', 'tables', 'documents', 'graph', 'wide'] as const;

export type StoreKind = (typeof STORE_KINDS)[number];

/** Kinds that rows are sharded in, where other kinds stand beside them. */
const SHARDED: readonly StoreKind[] = ['aurora', 'dsql'];

/** Share of reads, writes and rows that belong to sharded tables. Assumed on 2026-11-30: what grows is sharded. */
export const SHARDED_SHARE = 0.9;

/**
 * Share of all reads, writes and rows that the stores of a kind have together, from 0 to 1: the bill and the capacity model
 * split them by this alone. Sharded tables have nine tenths where there are any beside others; all else is spread evenly
 * over the kinds that there are. The shares of all kinds come to 1.
 */
export function shareOfKind(kind: StoreKind, there: ReadonlySet<StoreKind>): number {
  if (!there.has(kind)) return 0;
  const isSharded = SHARDED.includes(kind);
  const sharded = SHARDED.filter((one) => there.has(one)).length;
  const others = there.size - sharded;
  if (sharded === 0 || others === 0) return 1 / there.size;
  return isSharded ? SHARDED_SHARE / sharded : (1 - SHARDED_SHARE) / others;
}
