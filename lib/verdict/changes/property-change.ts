import type { TemplateResource } from '../../template/template';
import type { ValueDifference } from './value-differences';

/** One property of one resource, before and after; `undefined` where it was not or is no longer set. */
export interface PropertyChange {
  readonly type: string;
  readonly property: string;
  readonly before: unknown;
  readonly after: unknown;
  /** The whole resource, for rules that depend on a second property. */
  readonly was: TemplateResource;
  readonly is: TemplateResource;
}

/** Effect of a changed property on its resource; `refused` when AWS rejects the change. */
export type Effect = 'in place' | 'restarts' | 'replaces' | 'refused';

/** An effect with its reason. */
export interface PropertyEffect {
  readonly property: string;
  readonly effect: Effect;
  readonly why?: string;
  /** Interruption that users notice, for effects that cause one. */
  readonly interruption?: string;
  /** The page or thread that says so. */
  readonly source?: string;
  /** Values that differ inside the property, old and new. */
  readonly values?: readonly ValueDifference[];
}
