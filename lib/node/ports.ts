/**
 * The one port of Erlang distribution, without epmd: one node per host needs no directory of names. Outside the
 * range of outgoing connections (32768 to 60999), so that none can take it first.
 */
export const DISTRIBUTION_PORT = 4370;
