import type { Move } from './move';
import type { Place } from './side';

/** Problem of a move, and what it leaves of the way back. */
export interface Trouble {
  readonly words: string;
  /**
   * `open`: nothing of this is in its way. `mended`: nothing switches before what is wrong is mended. `gone`: what was written meanwhile comes
   * to the other side by nothing but a new copy.
   */
  readonly wayBack: WayBack;
}

export type WayBack = 'open' | 'mended' | 'gone';

/** The way back that all troubles together leave. */
export function wayBackOf(troubles: readonly Trouble[]): WayBack {
  const is = (wayBack: WayBack): boolean => troubles.some((trouble) => trouble.wayBack === wayBack);
  return is('gone') ? 'gone' : is('mended') ? 'mended' : 'open';
}

/** A trouble that stands in nobody's way by itself, as a side that does not answer now. */
export function passing(error: unknown): Trouble {
  return { words: error instanceof Error ? error.message : String(error), wayBack: 'open' };
}

/** Place that users write to, and whether rows of both sides were equal when they came there, which `finish` asks for. */
export interface Standing {
  readonly at: Place;
  readonly verified: boolean;
}

/** Words for what is left to do when a way is gone: users stay where they are. */
export function endOf({ at, verified }: Standing): string {
  if (at === 'source') return 'abandon, and start anew';
  return verified ? 'finish' : WITHOUT_PROOF;
}

/** Words for the end of a move of which nothing will ever say that its rows were equal. */
export const WITHOUT_PROOF = 'compare the rows of both sides yourself, then finish --without-proof';

/** Words for a move that was finished without a proof, or by an earlier version, whose proof does not say of which switch it is. */
export const UNPROVEN =
  'no record says that its rows were equal after the last switch: compare them yourself before you contract';

/**
 * Words for a schema that has changed since the copy began.
 *
 * @param standing `interrupted` while a switch has closed both sides; `unknown` to whoever has not asked both.
 */
export function wordsOfChange(move: Move, place: Place, standing: Standing | 'interrupted' | 'unknown'): string {
  const said = `the schema of ${move[place].title} has changed since the copy began: take the change back`;
  if (standing === 'interrupted') return `${said}; then the switch that was interrupted can be completed`;
  if (standing === 'unknown') return `${said}; status says what else is left to do`;
  // A side that nobody writes to is changed for rows of the other one, which it takes only as long as it is.
  const taken = place === standing.at ? said : `${said}, once it follows ${move[standing.at].title}`;
  return `${taken}; or ${endOf(standing)}${standing.at === 'target' ? ', which gives up the way back' : ''}`;
}
