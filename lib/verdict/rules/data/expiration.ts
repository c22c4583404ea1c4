/** What a resource deletes by itself, and when. */
export interface Expiry {
  /** What is deleted, in words: those who say the same delete the same. */
  readonly what: string;
  /** Days; 0 for what depends on another value than age. */
  readonly days: number;
  /** Old versions and copies: what users see now is not touched. */
  readonly old?: true;
  /** Which objects of a bucket a rule is about. */
  readonly scope?: Scope;
}

/** Objects whose keys begin so; `filter` is what else they must have, as text. */
export interface Scope {
  readonly prefix: string;
  readonly filter: string;
}

/** Whether the one also deletes what the other deletes. */
export function includes(one: Expiry, other: Expiry): boolean {
  const [wide, narrow] = [one.scope, other.scope];
  if (wide === undefined || narrow === undefined) return one.what === other.what;
  const alike = wide.filter === '' || wide.filter === narrow.filter;
  return one.old === other.old && narrow.prefix.startsWith(wide.prefix) && alike;
}
