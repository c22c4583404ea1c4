import type { TemplateResource } from '../../template/template';

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

/** What a change of a property does to its resource; `refused` when AWS does not carry it out. */
export type Effect = 'in place' | 'restarts' | 'replaces' | 'refused';

/** An effect with its reason. */
export interface PropertyEffect {
  readonly property: string;
  readonly effect: Effect;
  readonly why?: string;
  /** What users notice, for effects that interrupt. */
  readonly interruption?: string;
  /** The page or thread that says so. */
  readonly source?: string;
}
