/** Result of asking AWS: an answer, or the reason why there is none. */
export type Asked<Answer> = { readonly answer: Answer } | { readonly refused: string };

/** Errors that say a thing is not there, by the services that are asked. */
const NOT_THERE = /^(NoSuch|ResourceNotFound|NotFound)|DoesNotExist|NoSuchEntity/;

/** AWS cannot be asked anything: no credentials, wrong ones, or no way to it. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

const NO_CREDENTIALS = /^CredentialsProviderError$/;
const BAD_CREDENTIALS =
  /^(UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken|AuthFailure|InvalidAccessKeyId)/;
const NO_WAY = /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/;

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
    if (NOT_THERE.test(name) || (name === 'ValidationError' && /does not exist/.test(message)))
      return { answer: undefined };
    return { refused: `${name}: ${message}`.slice(0, 200) };
  }
}
