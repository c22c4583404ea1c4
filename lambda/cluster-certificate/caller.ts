import { createHash } from 'node:crypto';
import { Later, laterOf, TOO_MUCH } from './later';
import { Refused } from './refused';

/**
 * A request of GetCallerIdentity that the node has signed with the credentials of its instance and not sent: who may send it to
 * AWS learns from AWS who signed it.
 */
export interface SignedQuestion {
  /** The header `authorization`. */
  readonly authorization: string;
  /** The header `x-amz-date`. */
  readonly date: string;
  /** The header `x-amz-security-token`. */
  readonly token: string;
}

export interface Caller {
  readonly account: string;
  readonly role: string;
  /** Id of the instance. */
  readonly instance: string;
}

/** Settings of whoever asks AWS in the name of the node. */
export interface Asking {
  /** Name of the regional endpoint of STS, which the node has signed for. */
  readonly host: string;
  readonly region: string;
  readonly environment: string;
}

/** Headers that the node has to have signed, two of our own among them: without those, a question for another purpose would do. */
export const SIGNED_HEADERS =
  'content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-beamstalk-environment;x-beamstalk-key';
const QUESTION = 'Action=GetCallerIdentity&Version=2011-06-15';
const ASK_MILLISECONDS = 5000;

/**
 * Errors of STS for credentials that it does not know yet, or that were renewed meanwhile; and for too much at once.
 *
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html (2026-11-30)
 */
const UNKNOWN_YET = new Set(['InvalidClientTokenId', 'ExpiredToken', 'ExpiredTokenException', ...TOO_MUCH]);

/**
 * Session of a role that EC2 has taken for an instance: the service names it after the instance. Whoever may take another role names
 * its session as he likes, so that the role is judged as well (fleet-role.ts).
 */
const INSTANCE = /^arn:[a-z-]+:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/(i-[0-9a-f]{8,17})$/;

/**
 * Asks AWS who has signed the question. It is sent to STS itself, whatever the node says, and bears the digest of the key that
 * is to be certified: somebody who has overheard it gets a certificate for that key again, which he does not have.
 *
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html (2026-11-30)
 *
 * @throws Error in one line: `Refused` when it was no instance, `Later` when AWS does not know its credentials yet, or does not
 *   answer; another when it does not vouch: a clock may be set right.
 */
export async function callerOf(
  { authorization, date, token }: SignedQuestion,
  publicKey: Buffer,
  { host, region, environment }: Asking,
): Promise<Caller> {
  const form = new RegExp(
    `^AWS4-HMAC-SHA256 Credential=[A-Z0-9]{16,128}/\\d{8}/${region}/sts/aws4_request, SignedHeaders=${SIGNED_HEADERS}, Signature=[0-9a-f]{64}$`,
  );
  if (!form.test(authorization) || !/^\d{8}T\d{6}Z$/.test(date) || !/^[A-Za-z0-9+/=_-]{1,8192}$/.test(token)) {
    throw new Refused(`the signed question is none for sts in ${region} over ${SIGNED_HEADERS}`);
  }
  const headers = {
    authorization,
    'content-type': 'application/x-www-form-urlencoded',
    'x-amz-content-sha256': digest(QUESTION),
    'x-amz-date': date,
    'x-amz-security-token': token,
    'x-beamstalk-environment': environment,
    'x-beamstalk-key': digest(publicKey),
  };
  const { ok, status, text } = await post(`https://${host}/`, headers).catch((error: unknown) => {
    throw laterOf(error);
  });
  if (!ok) {
    const Kind = status >= 500 || status === 429 || UNKNOWN_YET.has(code(text)) ? Later : Error;
    throw new Kind(`sts does not vouch for the signed question: ${status} ${code(text)}`);
  }
  const arn = /<Arn>([^<]*)<\/Arn>/.exec(text)?.[1] ?? '';
  const [, account, role, instance] = INSTANCE.exec(arn) ?? [];
  if (account === undefined || role === undefined || instance === undefined) {
    throw new Refused(`who asks is no instance: ${JSON.stringify(arn.slice(0, 200))}`);
  }
  return { account, role, instance };
}

async function post(url: string, headers: Readonly<Record<string, string>>) {
  const signal = AbortSignal.timeout(ASK_MILLISECONDS);
  const response = await fetch(url, { method: 'POST', body: QUESTION, headers, redirect: 'error', signal });
  return { ok: response.ok, status: response.status, text: await response.text() };
}

const digest = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function code(text: string): string {
  return /<Code>(\w{1,80})<\/Code>/.exec(text)?.[1] ?? '';
}
