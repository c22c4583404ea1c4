/** Result of asking AWS: an answer, or the reason why there is none. */
export type Asked<Answer> = { readonly answer: Answer } | { readonly refused: string };

/** Errors that say a thing is not there, by the services that are asked. */
const NOT_THERE = /^(NoSuch|ResourceNotFound|NotFound|ParameterNotFound)|DoesNotExist|NoSuchEntity/;

/** AWS cannot be asked anything: no credentials, wrong ones, or no way to it. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

const NO_CREDENTIALS = /^CredentialsProviderError$/;
const BAD_CREDENTIALS =
  /^(UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|AuthFailure|InvalidAccessKeyId)/;
const NO_WAY = /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/;

const TOO_OFTEN = /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|PriorRequestNotComplete)/;
/** Words of the SDK for an answer that it cannot read, which a proxy or a login page gives in place of AWS. */
const NO_ANSWER_OF_AWS = /Deserialization error/;

/** Reason for an answer that may come later. */
export const ASKED_TOO_OFTEN = 'it is asked too often at the moment';

/**
 * Asks once.
 *
 * @returns The answer, undefined when the thing is not there, or the reason why AWS does not say.
 * @throws UnreachableError when nothing at all can be asked.
 */
export async function asked<Answer>(ask: () => Promise<Answer>): Promise<Asked<Answer | undefined>> {
  try {
    return { answer: await ask() };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const code = String((error as { readonly code?: unknown }).code ?? '');
    if (NO_CREDENTIALS.test(name))
      throw new UnreachableError('no AWS credentials were found; set AWS_PROFILE, or as every AWS tool finds them');
    if (BAD_CREDENTIALS.test(name))
      throw new UnreachableError(`AWS does not take these credentials (${name}: ${message})`);
    if (NO_WAY.test(code)) throw new UnreachableError(`AWS cannot be reached (${code}: ${message})`);
    if (name === 'SyntaxError' || NO_ANSWER_OF_AWS.test(message)) {
      const { httpStatusCode: status = 'unknown' } = (error as MadeOfAnAnswer).$metadata ?? {};
      const [reason = ''] = message.split(/\n|\. Deserialization| Deserialization/);
      throw new UnreachableError(
        `what answers is not AWS (HTTP status ${status}; ${reason.trim()}): is there a proxy, or an AWS_ENDPOINT_URL?`,
      );
    }
    if (TOO_OFTEN.test(name)) return { refused: `${ASKED_TOO_OFTEN} (${name})` };
    if (NOT_THERE.test(name) || (name === 'ValidationError' && /does not exist/.test(message)))
      return { answer: undefined };
    return { refused: `${name}: ${message}`.slice(0, 200) };
  }
}

/** Error of the SDK, with what it knows of the answer. */
interface MadeOfAnAnswer {
  readonly $metadata?: { readonly httpStatusCode?: number };
}
