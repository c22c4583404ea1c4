/** Bad input of an operator, or a state of the environment that a command cannot work with: shown as its message alone. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';

  /** @param exitCode 1, or 130 for a command that was interrupted. */
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

/** Exit code of a program that Ctrl-C ended: 128 and the number of the signal, as shells count. */
export const INTERRUPTED = 130;
