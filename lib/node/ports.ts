/**
 * The one port of Erlang distribution, without epmd: one node per host needs no directory of names. Outside the
 * range of outgoing connections (32768 to 60999), so that none can take it first.
 */
export const DISTRIBUTION_PORT = 4370;

/** The same for the release that stands beside the one that serves, while a box turns from one to the other. */
export const SECOND_DISTRIBUTION_PORT = 4371;

/**
 * Ports of that release: the next ones that nobody has. Both ports of the configuration are 1024 to 32767, so these are
 * outside of the range of outgoing connections too.
 */
export function secondPorts(appPort: number, tlsPort: number): { readonly app: number; readonly tls: number } {
  const taken = new Set([appPort, tlsPort, DISTRIBUTION_PORT, SECOND_DISTRIBUTION_PORT]);
  const nextOf = (port: number): number => {
    let next = port + 1;
    while (taken.has(next)) next += 1;
    taken.add(next);
    return next;
  };
  return { app: nextOf(appPort), tls: nextOf(tlsPort) };
}
