import type { Client } from 'pg';
import { quoted } from '../move/quoted';
import type { QualifiedName } from '../move/side';

interface State {
  readonly last: string;
  readonly increment: string;
  readonly least: string;
  readonly greatest: string;
}

/**
 * Number that a sequence of the target goes on from, so that it gives out none that rows bear which have come. It goes in its
 * own steps, since sequences that count by the number of clusters tell the numbers of one from those of another.
 *
 * @returns Undefined where it is far enough, or has numbers of its own that the source's do not come into.
 */
export function goesOnFrom(source: Pick<State, 'last'>, target: State): bigint | undefined {
  const [last, own, step] = [BigInt(source.last), BigInt(target.last), BigInt(target.increment)];
  if (last < BigInt(target.least) || last > BigInt(target.greatest)) return undefined;
  const behind = step > 0n ? last - own : own - last;
  if (behind <= 0n) return undefined;
  const size = step > 0n ? step : -step;
  const next = own + ((behind + size - 1n) / size) * step;
  return next > BigInt(target.greatest) || next < BigInt(target.least) ? undefined : next;
}

async function stateOf(client: Client, name: QualifiedName): Promise<State | undefined> {
  const { rows } = await client.query<State>(
    `select s.last_value::text as last, q.seqincrement::text as increment, q.seqmin::text as least, q.seqmax::text as greatest
       from ${quoted(name)} s, pg_sequence q where q.seqrelid = $1::regclass`,
    [quoted(name)],
  );
  return rows[0];
}

/** Takes sequences of the target, which serves its own users, at least as far as those of the source. Never back. */
export async function advanceSequences(names: readonly QualifiedName[], from: Client, to: Client): Promise<void> {
  for (const name of names) {
    const [source, target] = [await stateOf(from, name), await stateOf(to, name)];
    if (source === undefined || target === undefined || goesOnFrom(source, target) === undefined) continue;
    await to.query('begin');
    try {
      // It takes a lock that keeps everybody from taking numbers: who did so between a look and `setval` would see it go back.
      await to.query(`alter sequence ${quoted(name)} increment by ${target.increment}`);
      const now = await stateOf(to, name);
      const next = now === undefined ? undefined : goesOnFrom(source, now);
      if (next !== undefined) {
        await to.query('select setval($1::regclass, $2::bigint)', [quoted(name), String(next)]);
      }
      await to.query('commit');
    } catch (error) {
      await to.query('rollback').catch(() => undefined);
      throw error;
    }
  }
}
