import { abandonMove } from './actions/abandon';
import { endOf, evidenceOf, finishMove } from './actions/finish';
import { startMove } from './actions/start';
import { rehearseTurn, turnTo } from './actions/turn';
import type { Move } from './move';
import { MoveError } from './move-error';
import { whileAlone } from './mover-lock';
import { namesOf } from './names';
import { preflight } from './preflight/preflight';
import type { Check, Evidence, Frozen, NoEvidence, Status } from './results';
import { readStatus } from './status';

/** Tells the state of a move, asked of both sides. Changes nothing, and may be run beside an action. */
export function status(move: Move): Promise<Status> {
  return said(move, () => readStatus(move));
}

/** Lists what the databases say against a move. Changes nothing. */
export async function check(move: Move): Promise<Check> {
  namesOf(move.id);
  return await said(move, () => preflight(move));
}

/** Copies all rows while users write, and makes them follow in both directions; ends when that stands. */
export function start(move: Move): Promise<void> {
  return alone(move, () => startMove(move));
}

/** Does all that a switch does, in the direction that is next, and rolls it back: what it takes, and whether rows are equal. */
export function rehearse(move: Move): Promise<Frozen> {
  return alone(move, () => rehearseTurn(move));
}

/** Lets users write to the target from now on. */
export function switchOver(move: Move): Promise<Frozen> {
  return alone(move, () => turnTo(move, 'target'));
}

/** Lets users write to the source again: nothing that they wrote meanwhile is lost. */
export function back(move: Move): Promise<Frozen> {
  return alone(move, () => turnTo(move, 'source'));
}

/** Ends the way back: rows no longer return to the source, which goes on turning writers away. */
export function finish(move: Move): Promise<Evidence> {
  return alone(move, async () => evidenceOf(move, await finishMove(move, 'asked')));
}

/** The same where nothing says that rows were equal, and nothing will. */
export function finishWithoutProof(move: Move): Promise<Evidence | NoEvidence> {
  return alone(move, async () => endOf(move, await finishMove(move, 'waived')));
}

/** Takes away all that a move has made, the copy too, while users write to the source. */
export function abandon(move: Move): Promise<void> {
  return alone(move, () => abandonMove(move));
}

function alone<Result>(move: Move, work: () => Promise<Result>): Promise<Result> {
  return said(move, () => whileAlone(move, work));
}

/** Turns what a database said into a message: every action can be run again after it. */
async function said<Result>(move: Move, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MoveError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new MoveError(`${move.id} was interrupted (${why}): run the same again, or see what status says`, {
      cause: error,
    });
  }
}
