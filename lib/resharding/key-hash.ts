/** Hashes from one bound up to the other, which is left out; undefined for the end of all hashes. */
export interface HashRange {
  readonly from: bigint;
  readonly to: bigint | undefined;
}

const ALL = 1n << 64n;

/**
 * Ranges of hashes (the first 64 bits of the SHA-256) that logical shards own. Logical shards that follow each other make one.
 * The inverse of `logicalShardOf` (lib/sharding/logical-shard.ts).
 */
export function hashRanges(shards: readonly number[], logicalShards: number): HashRange[] {
  const count = BigInt(logicalShards);
  // The first hash h with (h * count) >> 64 = shard.
  const first = (shard: number): bigint => (BigInt(shard) * ALL + count - 1n) / count;
  const ranges: HashRange[] = [];
  for (const shard of [...new Set(shards)].sort((a, b) => a - b)) {
    const [from, end] = [first(shard), first(shard + 1)];
    const to = end === ALL ? undefined : end;
    const last = ranges.at(-1);
    if (last?.to === from) ranges.splice(-1, 1, { from: last.from, to });
    else ranges.push({ from, to });
  }
  return ranges;
}

/**
 * Bytes of a key, from its column, by the type of that. Functions of PostgreSQL's own that are immutable, for a publication
 * takes no others: `convert_to` and `textsend` are not, so text goes through the input of `bytea`, where a backslash is written
 * as two. Numbers are their decimal digits, and a UUID its 36 characters.
 * Source: https://www.postgresql.org/docs/17/logical-replication-row-filter.html (2026-11-30)
 */
const BYTES: Readonly<Record<string, (column: string) => string>> = {
  text: ofText,
  'character varying': ofText,
  bytea: (column) => column,
  uuid: (column) => `pg_catalog.byteain(pg_catalog.uuid_out(${column}))`,
  smallint: (column) => `pg_catalog.byteain(pg_catalog.int2out(${column}))`,
  integer: (column) => `pg_catalog.byteain(pg_catalog.int4out(${column}))`,
  bigint: (column) => `pg_catalog.byteain(pg_catalog.int8out(${column}))`,
};

function ofText(column: string): string {
  return `pg_catalog.byteain(pg_catalog.textout(pg_catalog.replace(${column}, E'\\\\', E'\\\\\\\\')))`;
}

/** Types that a key may have, as `format_type` names them. */
export const KEY_TYPES: readonly string[] = Object.keys(BYTES);

/**
 * Expression for the SHA-256 of a key. An index on just this expression lets each step read the rows that move alone.
 *
 * @param column Its name, quoted.
 * @returns Undefined for a type whose bytes nobody can know.
 */
export function hashExpression(column: string, type: string): string | undefined {
  const bytes = BYTES[type];
  return bytes === undefined ? undefined : `pg_catalog.sha256(${bytes(column)})`;
}

/** Condition that holds for the rows of the ranges alone. */
export function inRanges(hash: string, ranges: readonly HashRange[]): string {
  const bound = (value: bigint): string => `pg_catalog.decode('${value.toString(16).padStart(16, '0')}', 'hex')`;
  const conditions = ranges.map(({ from, to }) =>
    // A hash has 32 bytes, and a longer one comes after its beginning: so the bound itself is within, at the lower end alone.
    [`${hash} >= ${bound(from)}`, ...(to === undefined ? [] : [`${hash} < ${bound(to)}`])].join(' and '),
  );
  return conditions.length === 0 ? 'false' : `(${conditions.join(' or ')})`;
}
