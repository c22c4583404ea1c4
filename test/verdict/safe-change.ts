import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import type { Planted } from './planted';

/** Something that anyone may roll out on an ordinary day. */
export interface SafeChange {
  readonly name: string;
  readonly phase?: PhaseNumber;
  /** Settings of both sides. */
  readonly given?: Readonly<Record<string, string>>;
  /** What `--context` sets on the side after. */
  readonly set?: Readonly<Record<string, string>>;
  /** What stands on both sides, when production has none. */
  readonly base?: (both: Planted) => void;
  readonly plant?: (after: Planted) => void;
  /** What happens to the resources whose logical id begins so. */
  readonly change?: readonly [id: string, change: 'adds' | 'updates' | 'restarts' | 'replaces' | 'removes'];
}
