import { setTimeout } from 'node:timers/promises';
import { RedshiftServiceException } from '@aws-sdk/client-redshift';

const FIRST_PAUSE_MILLISECONDS = 1000;
const LONGEST_PAUSE_MILLISECONDS = 20_000;

/** Time by which a new permission, or a list, may lag behind a change. Assumed. */
export const LAG_MILLISECONDS = 60_000;

/** The warehouse, the integration or the account is at work on something else. */
const BUSY: ReadonlySet<string> = new Set([
  'IntegrationConflictOperationFault',
  'IntegrationConflictStateFault',
  'InvalidClusterStateFault',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
]);

/** True for good, or of a moment ago. */
const LAGGING: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'IntegrationAlreadyExistsFault',
  'UnauthorizedOperation',
]);

/** The deadline came first. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';

  /** @param taken the ARN of what Redshift has taken, and is still at work on. */
  constructor(
    message: string,
    readonly taken?: string,
  ) {
    super(message);
  }
}

/**
 * Takes a step again and again, at longer and longer intervals, until it gives a value. Errors that pass count as a step
 * without one.
 *
 * @throws OutOfTimeError with what Redshift said last, and what the step throws for good.
 */
export async function untilDone<T>(step: () => Promise<T | undefined>, deadline: AbortSignal): Promise<T> {
  const started = Date.now();
  let last = 'AWS did not answer in time';
  for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS)) {
    try {
      const value = await step();
      if (value !== undefined) return value;
      last = 'Redshift was still at work on it';
    } catch (error) {
      if (deadline.aborted) throw new OutOfTimeError(last);
      if (!passes(error, Date.now() - started)) throw error;
      last = String(error);
    }
    try {
      await setTimeout(pause, undefined, { signal: deadline });
    } catch {
      throw new OutOfTimeError(last);
    }
  }
}

function passes(error: unknown, milliseconds: number): boolean {
  if (!(error instanceof RedshiftServiceException)) return false;
  if (LAGGING.has(error.name)) return milliseconds < LAG_MILLISECONDS;
  return BUSY.has(error.name) || (error.$metadata.httpStatusCode ?? 0) >= 500;
}
