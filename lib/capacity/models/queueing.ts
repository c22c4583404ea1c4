/**
 * Little's law: what is under way is what arrives times how long it stays.
 * Source: J. D. C. Little, A Proof for the Queuing Formula L = λW, Operations Research 9 (1961)
 */
export function underWay(perSecond: number, seconds: number): number {
  return perSecond * seconds;
}

/**
 * Erlang's C formula: the probability that who arrives has to wait, with `servers` of them and an offered load in
 * Erlangs, of M/M/c. 1 when the load is not below the servers.
 * Source: A. K. Erlang (1917); computed by way of his B formula, which is stable for thousands of servers
 */
export function waitProbability(servers: number, offered: number): number {
  if (offered <= 0) return 0;
  if (offered >= servers) return 1;
  let blocked = 1;
  for (let count = 1; count <= servers; count++) blocked = (offered * blocked) / (count + offered * blocked);
  return blocked / (1 - (offered / servers) * (1 - blocked));
}

const KNOWN = new Map<number, number>();

/**
 * Utilisation up to which the mean wait in M/M/c is no longer than the mean service: beyond it the response takes more
 * than twice the work. Half of one server, 71 % of two, and more of each the more there are.
 */
export function bearableUtilisation(servers: number): number {
  const known = KNOWN.get(servers);
  if (known !== undefined) return known;
  let [low, high] = [0, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    // Mean wait over mean service is C / (c (1 - ρ)).
    const wait = waitProbability(servers, middle * servers) / (servers * (1 - middle));
    if (wait <= 1) low = middle;
    else high = middle;
  }
  KNOWN.set(servers, low);
  return low;
}
