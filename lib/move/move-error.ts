/** A refusal, or a state that a move cannot go on from: shown as its message alone, which says what to do. */
export class MoveError extends Error {
  override readonly name = 'MoveError';
}

/** A database that cannot be reached now. */
export class OutOfReach extends MoveError {}
