import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { roundTrip } from '../move/marker';
import { MoveError } from '../move/move-error';
import { namesOf } from '../move/names';
import type { Verification } from '../move/results';
import { closeSession, openSession } from '../move/session';
import { compareRows } from '../move/verify';
import { holdWriters } from './fences';
import type { MovingRows } from './moving-rows';
import type { Portion, Resharding } from './resharding';

/** Time that the server waits beyond the limit before it ends the session of a mover that has vanished, milliseconds. */
const GRACE = 500;

/** Sessions on both sides that see one moment, as long as they are open. */
export interface Snapshots {
  readonly before: Client;
  readonly after: Client;
}

/** Longest time of a query for which users may wait, milliseconds. */
export function answersWithin({ freezeMilliseconds, lockMilliseconds }: Resharding['limits']): number {
  return freezeMilliseconds + lockMilliseconds + GRACE;
}

/** Takes the snapshot of a session: the first query of its transaction. */
export async function takeSnapshot(session: Client, { limits }: Pick<Resharding, 'limits'>): Promise<void> {
  for (const text of ['begin isolation level repeatable read read only', 'select 1']) {
    const query = { text, query_timeout: answersWithin(limits) };
    await session.query(query);
  }
}

/** Opens sessions of the owners for the work, and closes them whatever happens. Users may wait for all but those that compare. */
export async function withSessions<Result>(
  { limits }: Pick<Resharding, 'limits'>,
  { source, target }: Pick<Portion, 'source' | 'target'>,
  work: (
    sessions: Snapshots & { readonly marks: Client; readonly looks: Client; readonly holds: Client },
  ) => Promise<Result>,
): Promise<Result> {
  const opened: Client[] = [];
  const next = async (side: Portion['source'], milliseconds?: number): Promise<Client> => {
    const session = await openSession(side.owner, side.title, milliseconds);
    opened.push(session);
    return session;
  };
  const short = answersWithin(limits);
  try {
    return await work({
      ...{ before: await next(source), after: await next(target) },
      ...{ marks: await next(source, short), looks: await next(target, short), holds: await next(source, short) },
    });
  } finally {
    await Promise.all(opened.map(closeSession));
  }
}

/**
 * Compares the rows of both sides as of one moment, while users write: they wait until the rows of before have come across, some
 * milliseconds, and see no error. Before anything is given over, this shows that the copy is one.
 *
 * @throws MoveError when they differ, or no such moment was found in the time of the limits.
 */
export async function compareWhileWriting(resharding: Resharding, portion: Portion, rows: MovingRows): Promise<void> {
  const { limits, report } = resharding;
  const { marker } = namesOf(portion.id);
  const until = performance.now() + limits.patienceSeconds * 1000;
  await withSessions(resharding, portion, async ({ before, after, marks, looks, holds }) => {
    for (;;) {
      if (performance.now() > until) {
        throw new MoveError(
          `no moment was found in ${limits.patienceSeconds} s in which nobody writes these logical shards for long, or their rows come across fast: nothing has changed, run it again`,
        );
      }
      const near = await roundTrip(marker, { place: 'source', marks, looks }, until - performance.now());
      if (near === undefined || near > limits.freezeMilliseconds / 2) continue;
      const began = performance.now();
      await holds.query('begin');
      const held = await holdWriters(holds, portion.shards, {
        locking: limits.lockMilliseconds,
        held: limits.freezeMilliseconds + GRACE,
      });
      const came = held && (await roundTrip(marker, { place: 'source', marks, looks }, limits.freezeMilliseconds));
      if (typeof came === 'number')
        await Promise.all([before, after].map((session) => takeSnapshot(session, resharding)));
      await holds.query('rollback');
      if (typeof came === 'number') {
        report(`writers waited for ${Math.round(performance.now() - began)} ms, for the comparison`);
        break;
      }
      // Not in step with whoever holds the locks.
      await pause(200 + Math.random() * 600);
    }
    const found = await compareRows(rows.inventory, before, after, rows.conditionOf);
    if (!found.equal) {
      const { source, target } = portion;
      throw new MoveError(
        `rows of ${source.title} and ${target.title} differ: ${found.differences.join('; ')}; nothing was given over: abort takes the copy away`,
      );
    }
    report(equalInWords(found));
  });
}

export function equalInWords({ rows, seconds }: Verification): string {
  return `${rows} rows are equal on both sides (compared in ${seconds.toFixed(1)} s)`;
}
