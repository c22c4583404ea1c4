/** Contents that a resource deletes by itself, and when. */
export interface Expiry {
  /** Description of the contents; two expirations with the same description delete the same. */
  readonly what: string;
  /** Days; 0 for what depends on another value than age. */
  readonly days: number;
  /** Old versions and copies: what users see now is not touched. */
  readonly old?: true;
  /** Objects of a bucket that a rule selects. */
  readonly scope?: Scope;
}

/** Objects whose keys begin so; `filter` is what else they must have, as text. */
export interface Scope {
  readonly prefix: string;
  readonly filter: string;
}

/** True when the first expiration also deletes what the second deletes. */
export function includes(one: Expiry, other: Expiry): boolean {
  const [wide, narrow] = [one.scope, other.scope];
  if (wide === undefined || narrow === undefined) return one.what === other.what;
  const alike = wide.filter === '' || wide.filter === narrow.filter;
  return one.old === other.old && narrow.prefix.startsWith(wide.prefix) && alike;
}
