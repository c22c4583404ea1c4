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
 * Errors by which EC2, KMS and STS turn away who asks too much at once: with status 400, so that the status does not tell. And that of EC2
 * about an instance that has just begun.
 *
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and
 * https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html (2026-12-01)
 */
export const TOO_MUCH: readonly string[] = ['RequestLimitExceeded', 'Throttling', 'ThrottlingException'];
const PASSING = new Set(['InvalidInstanceID.NotFound', ...TOO_MUCH]);
/** Names under which Node.js and the SDK give a call up that got no answer, or an answer that broke off. */
const NO_ANSWER = new Set(['TimeoutError', 'AbortError', 'NetworkingError']);
/** Codes of a connection that broke, or that nobody took in time. A name that does not resolve, or a certificate that is none, does not pass. */
const BROKEN = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'ETIMEDOUT', 'EPIPE', 'EPROTO', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN'],
  ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_SOCKET'],
]);

/** Turns an error that passes by itself into `Later`: no answer, one that says that the service has failed, or that it was too much at once. */
export function laterOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const passes =
    PASSING.has(error.name) ||
    NO_ANSWER.has(error.name) ||
    isFailureOfService(error) ||
    isBroken(error) ||
    isBroken(error.cause);
  return passes ? new Later(`${error.name}: ${error.message}`) : error;
}

/** Errors of the SDK carry the status of the answer. */
function isFailureOfService(error: Error & { readonly $metadata?: { readonly httpStatusCode?: number } }): boolean {
  const status = error.$metadata?.httpStatusCode ?? 0;
  return status >= 500 || status === 429;
}

/** Those of `fetch` have the error of the connection as their cause. */
function isBroken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // An answer that is no HTTP, as of something between that has its own troubles.
  if (error.name === 'HTTPParserError') return true;
  return 'code' in error && typeof error.code === 'string' && BROKEN.has(error.code);
}
