import type { Place, QualifiedName, Side } from './side';
import type { SwitchNumber } from './switch-number';

/** PostgreSQL's programs of the target's major version or a newer one. */
export interface Programs {
  readonly pgDump: string;
  readonly pgRestore: string;
}

/** Limits of what a move may cost those who use the databases. */
export interface Limits {
  /** Longest wait for the locks of the freeze before it lets writers through and tries again, milliseconds. */
  readonly lockMilliseconds: number;
  /** Longest time the locks are held before the freeze is given up and tried again, milliseconds. */
  readonly freezeMilliseconds: number;
  /** Time after which `rehearse`, `switch` and `back` give up trying, seconds. */
  readonly patienceSeconds: number;
  /** Numbers that each sequence skips at a switch, for those taken on the other side and not yet used. */
  readonly sequenceGap: number;
  /** Tables that are copied at once at most; 0 for as many as the server of the target lets. */
  readonly tablesAtOnce: number;
}

export const DEFAULT_LIMITS: Limits = {
  lockMilliseconds: 200,
  freezeMilliseconds: 500,
  patienceSeconds: 120,
  sequenceGap: 100,
  tablesAtOnce: 0,
};

/** One move of tables between two databases: all that its actions need. */
export interface Move {
  /** Lower case letters, digits and `_`, at most 30: part of the names of what it makes in the databases. */
  readonly id: string;
  /** All tables of the database, or those named. A partitioned table brings its partitions. */
  readonly tables: 'all' | readonly QualifiedName[];
  readonly source: Side;
  readonly target: Side;
  readonly programs: Programs;
  readonly limits: Limits;
  /** Decisions that the operator has taken: ids of findings of the preflight that may be accepted. */
  readonly accepted: readonly string[];
  /** Tells the nodes where to write from now on, by the number of the switch. It is called again after a failure. */
  readonly announce: (serving: Place, number: SwitchNumber) => Promise<void>;
  /** Does beforehand what of that takes its time. Nothing is changed when it fails. */
  readonly prepareToAnnounce?: (number: SwitchNumber) => Promise<void>;
  /** A line of progress, for people. */
  readonly report: (line: string) => void;
}

/** SQLSTATE of what a writer gets who comes to a side that does not serve. */
export const MOVED = 'BM001';

/** Schema that a move makes on both sides, and takes away with it. */
export const MOVE_SCHEMA = 'beamstalk_move';
