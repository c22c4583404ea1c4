import type { TemplateResource } from '../../../template/template';

/** Something that stands between data and its loss or exposure, and how strong it stands. */
export interface Guard {
  readonly name: string;
  /** Left out, it holds for everything that holds data. */
  readonly types?: readonly string[];
  /** Strength; 0 when the guard is absent. */
  readonly level: (resource: TemplateResource) => number;
  /** Words for a list of guards, when it is present. */
  readonly says?: (resource: TemplateResource) => string;
  /** A guard that may go with a note: it is a matter of taste or of cost. */
  readonly soft?: true;
  /** Its level counts copies that are deleted at once when it falls: what is cut to less than a third asks for a copy. */
  readonly copies?: true;
}

/** A list of which every entry guards something and none may be lost; or of exceptions, of which none may come. */
export interface GuardList {
  readonly name: string;
  readonly exceptions?: true;
  readonly types: readonly string[];
  readonly entries: (resource: TemplateResource) => readonly string[];
}
