import { MOVE_SCHEMA } from './move';
import { MoveError } from './move-error';
import type { QualifiedName } from './side';

/** Names of what a move makes in the databases, by name: the same on both sides. */
export interface Names {
  /**
   * Publication, subscription and slot of rows that go to the target, and the role by which the target logs in at the source:
   * each direction has its own, as both databases may be of one server, which has its roles in common.
   */
  readonly forward: string;
  /** Those of rows that go back to the source. */
  readonly backward: string;
  /** Trigger that turns writers away. */
  readonly guard: string;
  /** Table with a row for each side, by which a side knows that it has all rows of the other. */
  readonly marker: QualifiedName;
}

const ID = /^[a-z][a-z0-9_]{0,29}$/;

/** @throws MoveError for an id that makes no name of PostgreSQL. */
export function namesOf(id: string): Names {
  if (!ID.test(id)) {
    throw new MoveError(`a move cannot be called ${id}: a lower case letter, then at most 29 of a-z, 0-9 and _`);
  }
  return {
    forward: `beamstalk_move_${id}`,
    backward: `beamstalk_back_${id}`,
    guard: `beamstalk_move_${id}`,
    marker: { schema: MOVE_SCHEMA, name: `marker_${id}` },
  };
}
