import type { Client } from 'pg';
import type { QualifiedName } from './side';

interface Sequence extends QualifiedName {
  /** Of the last number taken; null when none was. */
  readonly last: string | null;
  readonly increment: string;
  readonly least: string;
  readonly greatest: string;
}

/**
 * Sets sequences on one side to where they are on the other, and a gap further: who took numbers before the switch may use
 * them after it. A gap that would pass the end of a sequence is left out.
 */
export async function carrySequences(
  names: readonly QualifiedName[],
  from: Client,
  to: Client,
  gap: number,
): Promise<void> {
  if (names.length === 0) return;
  const { rows } = await from.query<Sequence>(
    `select s.schemaname as schema, s.sequencename as name, s.last_value as last, s.increment_by as increment,
            s.min_value as least, s.max_value as greatest
       from pg_sequences s join unnest($1::text[], $2::text[]) as n(schema, name)
         on s.schemaname = n.schema and s.sequencename = n.name`,
    [names.map(({ schema }) => schema), names.map(({ name }) => name)],
  );
  const called = rows.filter(({ last }) => last !== null);
  await to.query(
    `select setval(format('%I.%I', n.schema, n.name)::regclass, n.value, true)
       from unnest($1::text[], $2::text[], $3::bigint[]) as n(schema, name, value)`,
    [
      called.map(({ schema }) => schema),
      called.map(({ name }) => name),
      called.map((sequence) => String(further(sequence, gap))),
    ],
  );
}

/** Exact for all of `bigint`. */
export function further(
  { last, increment, least, greatest }: Pick<Sequence, 'last' | 'increment' | 'least' | 'greatest'>,
  gap: number,
): bigint {
  const now = BigInt(last ?? least);
  const value = now + BigInt(increment) * BigInt(gap);
  return value > BigInt(greatest) || value < BigInt(least) ? now : value;
}
