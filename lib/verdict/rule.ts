import type { Climb } from '../climb/climb';
import type { Templates } from '../template/template';
import type { ResourceChange } from './changes/comparison';
import type { Move } from './changes/moved-resources';
import type { BrokenReference } from './changes/propagation';
import type { Finding } from './finding';

/** Two sets of templates: stack name -> template. */
export interface Sides {
  /** Deployed templates. Empty for a new environment. */
  readonly before: Templates;
  readonly after: Templates;
}

/**
 * Everything a rule may look at: one deployment over another. What the templates decide themselves (conditions, maps,
 * parameters, loops) is carried out: see `resolved`.
 */
export interface Step extends Sides {
  /** Both sides as they are written, for what cannot be carried out. */
  readonly written: Sides;
  /** Resources that differ, or are affected by one that differs, by `stack/id`. */
  readonly changes: ReadonlyMap<string, ResourceChange>;
  /** Resources that only changed their logical id or their stack. */
  readonly moves: readonly Move[];
  /** References across stacks that would lead elsewhere or nowhere. */
  readonly brokenReferences: readonly BrokenReference[];
  /** Phases of both sides, when both are known. */
  readonly climb?: Climb;
}

/** A rule by which a finding can be looked up, cited and accepted. `docs/rules.md` is generated from these. */
export interface Rule {
  /** Stable, in kebab case; printed with each finding. */
  readonly id: string;
  /** The gravest severity with which it reports. */
  readonly severity: Finding['severity'];
  /** One sentence: what is found. */
  readonly summary: string;
  /** The harm it prevents. */
  readonly why: string;
  /** Page, thread or measurement that says so, where one is public. */
  readonly source?: string;
}

/** A look at a step, and every rule that it may report. */
export interface Check {
  readonly rules: readonly Rule[];
  readonly find: (step: Step) => readonly Finding[];
}
