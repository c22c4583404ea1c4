import type { Phase } from './phase';

/** Part of a climb that moves data: what moves in one go, with its own record. */
export interface MovedPart {
  /** Climb, such as `5-6`. */
  readonly climb: string;
  /** Function whose data it is, where each moves on its own. */
  readonly function?: string;
  /** Name among all moves of an environment: `0-1`, `5-6/users`. */
  readonly name: string;
  /** Topic below which the database that it moves to is published: `database`, `database/users`. */
  readonly topic: string;
  /** Words of the parameter `<topic>/source`, which nodes go by: before the data have moved, and after. */
  readonly words: { readonly source: string; readonly target: string };
}

/** Name of the climb into a phase, such as `5-6`. */
export function climbInto({ number }: Pick<Phase, 'number'>): string {
  return `${number - 1}-${number}`;
}

/**
 * Parts in which the data of a climb move; none when it moves no data.
 *
 * @param functions Functions that have a database of their own.
 */
export function movedParts(phase: Phase, functions: readonly string[]): readonly MovedPart[] {
  const climb = climbInto(phase);
  if (phase.retires.includes('localDatabase')) {
    return [{ climb, name: climb, topic: 'database', words: { source: 'local', target: 'managed' } }];
  }
  if (!phase.retires.includes('database')) return [];
  return functions.map((name) => ({
    climb,
    function: name,
    name: `${climb}/${name}`,
    topic: `database/${name}`,
    words: { source: 'shared', target: 'own' },
  }));
}
