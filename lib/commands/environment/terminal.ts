import { setTimeout } from 'node:timers/promises';
import { harmless } from './harmless';
import { INTERRUPTED, OperatorError } from './operator-error';
import type { Pause } from './run-command';

/** Longest time between two looks at what goes on in the account, in milliseconds, and the time before the first. */
const PAUSE_MS = 2000;
const FIRST_PAUSE_MS = 150;

/** Runs a command; what its operator can mend is one message on standard error. */
export async function operate(prepare: () => void, run: () => Promise<void>): Promise<void> {
  prepare();
  try {
    await run();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    endProgress();
    process.stderr.write(`beamstalk: ${harmless(error.message).replace(/\s*\n\s*/g, ' ')}\n`);
    process.exitCode = error.exitCode;
  }
}

/** Signals by which a program is asked to end: Ctrl-C, a runner that cancels, a terminal that is closed. */
const ASKS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Signal of the first Ctrl-C, or of what else asks to end. The second one ends the program at once. */
export function interruptible(): AbortSignal {
  const controller = new AbortController();
  const asked = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort();
  };
  for (const signal of ASKS) process.on(signal, asked);
  return controller.signal;
}

/** Waits between looks, each time twice as long, up to the longest. Rejects with the signal. */
export function pauseUntil(signal?: AbortSignal): Pause {
  return async (looks = 9) => {
    await setTimeout(Math.min(PAUSE_MS, FIRST_PAUSE_MS * 2 ** looks), undefined, { ...(signal && { signal }) });
  };
}

/** Resolves when the text has gone where it goes. */
export function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

/** Shows what is waited for to people at a terminal; each line overwrites the one before. */
export function showProgress(words: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${harmless(words)}`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}
