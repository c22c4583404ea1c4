import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isRecord, JobError, type JobFunction } from '../job';
import { isPublicAddress } from './public-address';
import { publicLookup } from './public-lookup';

const DEFAULT_TIMEOUT_MILLISECONDS = 10_000;
const MAX_TIMEOUT_MILLISECONDS = 60_000;

/** Written by us, or by HTTP itself. */
const OWN_HEADERS = /^(host|connection|content-length|transfer-encoding|content-type|idempotency-key)$/i;

/**
 * Posts `body` as JSON to `url`, with optional `headers` and `timeoutMilliseconds` (1 to 60,000, 10,000 by default).
 * The receiver gets the job's id as `Idempotency-Key`, because it may see a delivery twice. Any answer but 2xx is a
 * failure, which the queue delivers again; redirects are not followed.
 *
 * Whoever may name an address could otherwise reach what only this function can: so https only, and public addresses
 * only, checked at the connection itself. The variable WEBHOOK_ALLOWED_HOSTS (`host:port`, by comma) makes exceptions.
 */
export const deliverWebhook: JobFunction = async (payload, { id, signal }) => {
  const url = urlOf(payload['url']);
  const allowed = allowedHosts().has(hostAndPort(url));
  if (!allowed) refuse(url);
  const timeout = AbortSignal.timeout(timeoutOf(payload['timeoutMilliseconds']));
  const body = Buffer.from(JSON.stringify(payload['body'] ?? null));
  const either = AbortSignal.any([signal, timeout]);
  try {
    const status = await post(url, {
      body,
      headers: { ...headersOf(payload['headers']), 'content-type': 'application/json', 'idempotency-key': id },
      signal: either,
      ...(!allowed && { lookup: publicLookup(either) }),
    });
    if (status < 200 || status > 299) throw new JobError(`the receiver answered ${status}`);
  } catch (error) {
    if (timeout.aborted) throw new JobError('the receiver did not answer in time');
    throw error;
  }
};

interface Post {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly lookup?: LookupFunction;
}

/**
 * Returns the status of the answer, which is not read further. Every end of the connection settles it: an answer, an
 * error, a switch to another protocol (`101`, which no caller asked for) and a close without any of these, which Node.js
 * reports by `close` alone (https://nodejs.org/api/http.html#event-upgrade_1).
 */
function post(url: URL, { body, headers, signal, lookup }: Post): Promise<number> {
  const send = url.protocol === 'https:' ? requestSecure : requestPlain;
  // A connection of its own: the environment is frozen between two batches, and an old connection may be dead by then.
  const options = { method: 'POST', agent: false, signal, headers: { ...headers, 'content-length': body.length } };
  return new Promise((fulfil, reject) => {
    send(url, { ...options, ...(lookup && { lookup }) })
      .on('response', (response: IncomingMessage) => {
        response.destroy();
        fulfil(response.statusCode ?? 0);
      })
      .on('upgrade', (response: IncomingMessage, socket) => {
        socket.destroy();
        fulfil(response.statusCode ?? 0);
      })
      .on('error', reject)
      .on('close', () => reject(new JobError('the receiver closed the connection without an answer')))
      .end(body);
  });
}

function urlOf(value: unknown): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new JobError('url: expected an https address');
  if (url.username !== '' || url.password !== '') throw new JobError('url: credentials belong into a header');
  return url;
}

function refuse(url: URL): void {
  if (url.protocol !== 'https:') throw new JobError('url: expected an https address');
  // An address by number is never looked up.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new JobError('url: not a public address');
}

function allowedHosts(): ReadonlySet<string> {
  return new Set((process.env['WEBHOOK_ALLOWED_HOSTS'] ?? '').split(',').filter((host) => host !== ''));
}

function hostAndPort({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

function timeoutOf(value: unknown = DEFAULT_TIMEOUT_MILLISECONDS): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_TIMEOUT_MILLISECONDS) {
    return value;
  }
  throw new JobError(`timeoutMilliseconds: expected a whole number from 1 to ${MAX_TIMEOUT_MILLISECONDS}`);
}

function headersOf(value: unknown = {}): Record<string, string> {
  if (!isRecord(value)) throw new JobError('headers: expected an object of texts');
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e]*$/.test(text)) {
      throw new JobError('headers: expected an object of texts');
    }
    if (OWN_HEADERS.test(name)) throw new JobError(`headers: ${name.toLowerCase()} is not for a job to set`);
    headers[name] = text;
  }
  return headers;
}
