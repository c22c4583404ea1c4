import type { Client } from 'pg';
import { quoted } from './quoted';
import type { QualifiedName } from './side';

interface Sequence extends QualifiedName {
  /** Last number taken; when none was since the sequence was made or set, the first one. */
  readonly last: string;
  readonly called: boolean;
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
  // By their own row: the view of all sequences does not tell one that was set and not used since from one that was never used.
  const states = names.map(
    (name, index) => `select ${index} as index, last_value::text as last, is_called as called from ${quoted(name)}`,
  );
  const { rows } = await from.query<Sequence>(
    `select n.schema, n.name, v.last, v.called, s.seqincrement::text as increment, s.seqmin::text as least, s.seqmax::text as greatest
       from (${states.join(' union all ')}) v
       join unnest($1::text[], $2::text[]) with ordinality as n(schema, name, position) on n.position = v.index + 1
       join pg_sequence s on s.seqrelid = format('%I.%I', n.schema, n.name)::regclass`,
    [names.map(({ schema }) => schema), names.map(({ name }) => name)],
  );
  await to.query(
    `select setval(format('%I.%I', n.schema, n.name)::regclass, n.value, n.called)
       from unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[]) as n(schema, name, value, called)`,
    [
      rows.map(({ schema }) => schema),
      rows.map(({ name }) => name),
      rows.map((sequence) => String(further(sequence, gap))),
      rows.map(({ called }) => called),
    ],
  );
}

/** Exact for all of `bigint`. */
export function further(
  { last, increment, least, greatest }: Pick<Sequence, 'last' | 'increment' | 'least' | 'greatest'>,
  gap: number,
): bigint {
  const now = BigInt(last);
  const value = now + BigInt(increment) * BigInt(gap);
  return value > BigInt(greatest) || value < BigInt(least) ? now : value;
}
