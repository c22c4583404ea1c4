import { OperatorError } from '../environment/operator-error';
import type { Address } from '../status/report';

const SCHEMES = {
  '--url': ['http:', 'https:'],
  '--socket': ['ws:', 'wss:'],
} as const;

export type TargetFlag = keyof typeof SCHEMES;

/** Milliseconds that a target may take to answer at all. */
const REACHED_WITHIN_MS = 10_000;

/**
 * Checks that a target is an address of the environment: load is brought to nobody else.
 *
 * @throws OperatorError that names the addresses there are.
 */
export function ownTarget(
  flag: TargetFlag,
  text: string,
  { environment, addresses }: { readonly environment: string; readonly addresses: readonly Address[] },
): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const schemes: readonly string[] = SCHEMES[flag];
  if (url === undefined || !schemes.includes(url.protocol)) {
    throw new OperatorError(
      `${flag} is ${JSON.stringify(text)}; expected an address that begins with ${schemes.map((one) => `${one}//`).join(' or ')}`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new OperatorError(`${flag} holds a user or a password; expected an address without, as it is shown and kept`);
  }
  const names = addresses.flatMap(({ address }) => ('answer' in address ? [address.answer.toLowerCase()] : []));
  if (names.includes(url.hostname)) return url;
  const unknown = addresses.flatMap(({ of, address }) =>
    'unknown' in address ? [`the ${of}: ${address.unknown}`] : [],
  );
  throw new OperatorError(
    [
      `${flag} is ${JSON.stringify(text)}, and ${url.hostname} is no address of ${environment}; expected ${names.length === 0 ? 'one that its stacks have published, and there is none' : names.join(' or ')}`,
      ...(unknown.length > 0 ? [`not known is ${unknown.join(', ')}`] : []),
      '`beamstalk status` shows them',
    ].join('; '),
  );
}

/**
 * Asks a target once. Of a page a good answer is expected: what redirects or refuses costs the system next to nothing, and
 * would be measured in its place. A WebSocket that is asked for without an upgrade may answer anything.
 *
 * @throws OperatorError when there is no answer, or not the page.
 */
export async function reached(flag: TargetFlag, url: URL): Promise<void> {
  const asked = new URL(url);
  asked.protocol = url.protocol.replace('ws', 'http');
  const answer = await answerOf(asked).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new OperatorError(
      `${flag} ${url.href} is not reachable from here: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  });
  if (flag === '--socket' || answer.ok) return;
  const location = answer.headers.get('location');
  const toWhere =
    location === null
      ? ''
      : `, and leads to ${URL.canParse(location, url.href) ? new URL(location, url.href).href : location}`;
  throw new OperatorError(
    `${flag} ${url.href} answers ${answer.status}${toWhere}; expected a page that answers with 200 to 299`,
  );
}

async function answerOf(url: URL): Promise<Response> {
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(REACHED_WITHIN_MS) });
  await answer.body?.cancel();
  return answer;
}
