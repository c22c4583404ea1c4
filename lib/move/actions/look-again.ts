import { setTimeout as pause } from 'node:timers/promises';
import { InDoubt } from '../freeze';
import type { Move } from '../move';
import { MoveError, OutOfReach } from '../move-error';
import { untilUnheld } from '../record';
import { asOwner } from '../session';
import type { Place } from '../side';
import { reasonOf } from './reason-of';

/** A turn to a side that is under way. */
export interface Turning {
  readonly to: Place;
  /** Time after which it is given up, as `performance.now()` tells it. */
  until: number;
  /** True when users may be unable to write anywhere by now. */
  isInterrupted: boolean;
  /** Commits that were in doubt. */
  doubts: number;
  /** Reason of the last interruption. */
  told?: string;
}

/** Longest time of a look at a record that somebody holds: the server's own limit, and the way, milliseconds. */
const UNHELD_MILLISECONDS = 70_000;

/** Least time for finding out where an interrupted switch stands, milliseconds, or the patience where that is less: the freeze has taken its own by then. */
const LOOK_MILLISECONDS = 30_000;
/** Commits in doubt that each have the time for another look, at most. */
const MOST_DOUBTS = 5;

/**
 * Does what may leave both sides closed when it is interrupted. Nobody but this command goes on with that by itself, so it outlasts a
 * database that starts anew.
 *
 * @returns Undefined after an interruption: it is not known whether it has worked.
 */
export async function orLookAgain<Result>(
  move: Move,
  turning: Turning,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MoveError && !(turning.isInterrupted && error instanceof OutOfReach)) throw error;
    // A commit in doubt is looked up in any case, but not for ever.
    if (!turning.isInterrupted || (error instanceof InDoubt && turning.doubts < MOST_DOUBTS)) {
      const least = Math.min(LOOK_MILLISECONDS, move.limits.patienceSeconds * 1000);
      turning.until = Math.max(turning.until, performance.now() + least);
    }
    if (error instanceof InDoubt) turning.doubts += 1;
    turning.isInterrupted = true;
    if (performance.now() > turning.until) {
      const again = turning.to === 'target' ? 'switch' : 'back';
      throw new MoveError(
        `the switch to ${move[turning.to].title} was interrupted (${reasonOf(error)}), and users may be unable to write anywhere: run ${again} again, which completes it`,
      );
    }
    // Once for each reason: a database that is away is asked twice in a second.
    const isNew = turning.told !== reasonOf(error);
    turning.told = reasonOf(error);
    if (isNew) move.report(`the freeze was interrupted (${turning.told}); looking where it stands`);
    await pause(500);
    await untilDecided(move, isNew);
    return undefined;
  }
}

/**
 * Waits for whoever holds the records, which is a commit in doubt of our own: one that landed after the look would be taken for the switch of
 * another mover. The server bounds the wait, as it ends a transaction that nobody goes on with (`freeze`).
 */
async function untilDecided(move: Move, reports: boolean): Promise<void> {
  for (const place of ['source', 'target'] as const) {
    const decided = asOwner(move[place], (client) => untilUnheld(client, move.id), UNHELD_MILLISECONDS);
    await decided.catch((error: unknown) => {
      if (reports) move.report(`${move[place].title} does not say where it stands (${reasonOf(error)})`);
    });
  }
}
