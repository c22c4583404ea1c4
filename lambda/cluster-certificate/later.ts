/**
 * A reason that passes by itself: the node asks again within a minute, for eight of them. It is answered and not thrown, so that
 * the alarm on errors of this function speaks of what does not pass. A node that gave up says so itself, and its fleet's alarms.
 */
export class Later extends Error {
  override readonly name = 'Later';
}

/** Answer in the form in which Lambda tells an error, which is what a node reads. */
export interface NotYet {
  readonly errorType: 'Later';
  readonly errorMessage: string;
}

export function notYet({ message }: Later): NotYet {
  console.log(JSON.stringify({ later: message }));
  return { errorType: 'Later', errorMessage: message };
}

/**
 * Errors of EC2 about an instance that has just begun, and of an account whose nodes ask all at once.
 *
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (2026-11-30)
 */
const PASSING = new Set(['InvalidInstanceID.NotFound', 'RequestLimitExceeded', 'InternalError', 'Unavailable']);

/** Turns an error of EC2 that passes into `Later`. */
export function laterOf(error: unknown): unknown {
  return error instanceof Error && PASSING.has(error.name) ? new Later(`${error.name}: ${error.message}`) : error;
}
