/** The rehearsal cannot go on: shown as its message alone, with exit code 1. */
export class RehearsalError extends Error {
  override readonly name = 'RehearsalError';
}
