import type { Settings } from './schema';

/**
 * A rule over several keys. It runs when all the keys it reads, and whatever lies below them, are well-formed by
 * themselves; so it has to name all that it reads (a test compares).
 */
export interface Check {
  /** The keys it reads; the first is the one reported. */
  readonly keys: readonly [string, ...string[]];
  /**
   * Words for the allowed values, with the key it concerns when that is one below the first; or undefined when all is well.
   * `lowestPhase` is the lowest phase of which something is built: `phase`, or the one that a climb expands from.
   */
  readonly violated: (settings: Settings, lowestPhase: number) => string | Violation | undefined;
}

/** Problem with one of many things of the user's own names, for example with `queues.mail.jobSeconds`. */
export interface Violation {
  readonly key: string;
  readonly allowed: string;
}
