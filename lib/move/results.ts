import type { Finding } from './finding';
import type { Place } from './side';

/**
 * Progress of a move. `new`: nothing was made. `copying`: rows are copied while users write. `ready`: all rows are on
 * both sides and follow each other; where users write is `serving`. `finished`: the way back has been given up. `abandoning`: what the
 * move has made is being taken away, and users write to the source.
 */
export type Step = 'new' | 'copying' | 'ready' | 'finished' | 'abandoning';

export interface Status {
  readonly step: Step;
  /** Side that users write to; undefined while a switch that was interrupted has closed both sides, and when it is not known. */
  readonly serving: Place | undefined;
  /** True while a switch that was interrupted has closed both sides. */
  readonly interrupted: boolean;
  /** Times that users have been switched, there and back. */
  readonly epoch: number;
  readonly tables: { readonly total: number; readonly copied: number };
  /** Rows and bytes that are copied, and those that the statistics of the source expect. */
  readonly rows: { readonly done: number; readonly expected: number };
  readonly bytes: { readonly done: number; readonly expected: number };
  /** Write-ahead log that the other side has not confirmed, bytes, from where users write; undefined when it does not say. */
  readonly lagBytes: number | undefined;
  /** True once the rows of both sides were found equal after the last switch. */
  readonly verified: boolean;
  /** Action to run next. */
  readonly next: string;
  readonly problems: readonly string[];
}

/** Cost of a freeze, rolled back or not. */
export interface Frozen {
  readonly from: Place;
  readonly to: Place;
  /** From the first lock of a table to the last, milliseconds. */
  readonly lockingMilliseconds: number;
  /** Time for which all tables were locked, milliseconds. */
  readonly lockedMilliseconds: number;
  /** Tries that were given up before, since a lock or the other side took too long. */
  readonly triesBefore: number;
  readonly verification: Verification;
}

export interface Verification {
  readonly equal: boolean;
  readonly tables: number;
  readonly rows: number;
  /** SHA-256 over names, counts and checksums of all tables on the side that users have left. */
  readonly digest: string;
  /** Tables that differ, with both counts; empty when equal. */
  readonly differences: readonly string[];
  readonly seconds: number;
}

/** Proof that `finish` gives, for the gate's record. */
export interface Evidence {
  readonly move: string;
  /** When the move was started, seconds since 1970, and the number of its last switch. */
  readonly begun: number;
  readonly epoch: number;
  readonly tables: number;
  readonly rows: number;
  readonly digest: string;
  /** When the rows were found equal, ISO 8601. */
  readonly verifiedAt: string;
}

/** End of a move of which nothing says that its rows were equal: the gate does not take it for verified. */
export interface NoEvidence extends Pick<Evidence, 'move' | 'begun' | 'epoch'> {
  readonly proven: false;
}

export type Check = readonly Finding[];
