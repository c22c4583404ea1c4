/**
 * Finding of the preflight: `refuse` ends it; `accept` ends it unless the operator has accepted the id; `note` is what the
 * operator should know.
 */
export interface Finding {
  /** Such as `large-objects`; stable, since operators accept by it. */
  readonly id: string;
  readonly level: 'refuse' | 'accept' | 'note';
  /** Description of what was found, with the names (the first few, and how many more). */
  readonly what: string;
  /** Remedy. Empty for a note that asks for nothing. */
  readonly remedy: string;
}
