import type { Planted } from './planted';

/** Something that must not be rolled out, planted into the real templates of production. */
export interface Hazard {
  readonly name: string;
  /** What stands on both sides before the hazard, when production has none. */
  readonly given?: (both: Planted) => void;
  readonly plant: (after: Planted) => void;
  /** The rule that must find it; the verdict is `refused` unless said otherwise. */
  readonly rule: string;
  readonly verdict?: 'needs-migration';
  /** What happens to the resource that it names. */
  readonly change?: readonly [id: string, change: 'replaces' | 'removes' | 'updates' | 'restarts'];
}
