import { type LookupAddress, promises } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { JobError } from '../job';
import { isPublicAddress } from './public-address';

/** For which one server of names is waited, milliseconds. A name that leads somewhere is answered in far less (assumed). */
const SERVER_MILLISECONDS = 5000;

/**
 * Looks a name up, and fails when any of its addresses is not public.
 *
 * Not by `dns.lookup`: that waits in one of four threads that the whole process shares, and cannot be cancelled, so that a
 * few names whose server never answers would keep every other job of the batch from its receiver
 * (https://nodejs.org/api/dns.html#implementation-considerations). It also reads `/etc/hosts`, in which no name leads to a
 * public address.
 *
 * @param signal Ends the look-up.
 */
export function publicLookup(signal: AbortSignal): LookupFunction {
  return (hostname, options, callback) => {
    addressesOf(hostname, options.family, signal).then(
      (found) => {
        const [first] = found;
        if (first === undefined) return callback(new JobError('url: its name leads to no address'), '');
        if (!found.every(({ address }) => isPublicAddress(address))) {
          return callback(new JobError('url: its name leads to an address that is not public'), '');
        }
        return options.all ? callback(null, found) : callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, ''),
    );
  };
}

/** Addresses of both families, or of the one that is asked for. What has no address in one family may have one in the other. */
async function addressesOf(
  hostname: string,
  family: number | string | undefined,
  signal: AbortSignal,
): Promise<LookupAddress[]> {
  const resolver = new promises.Resolver({ timeout: SERVER_MILLISECONDS, tries: 1 });
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const wanted = family === 4 || family === 'IPv4' ? [4] : family === 6 || family === 'IPv6' ? [6] : [4, 6];
    const answers = await Promise.allSettled(
      wanted.map(async (one) => {
        const addresses = await (one === 4 ? resolver.resolve4(hostname) : resolver.resolve6(hostname));
        return addresses.map((address) => ({ address, family: one }));
      }),
    );
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (found.length === 0 && failed) throw failed.reason;
    return found;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
