/** Value of `release/current`: a release, and what `release/uri` said when it was rolled out. */
export interface Current {
  readonly uri: string;
  readonly over: string;
}

/** Reads `release/current`; undefined when it holds something else. */
export function currentIn(text: string | undefined): Current | undefined {
  const [uri, over, ...more] = (text ?? '').split(' ');
  // While new nodes bring a release, they are told to migrate it.
  const known = more.length === 0 || (more.length === 1 && more[0] === 'migrate');
  return uri && over && known ? { uri, over } : undefined;
}

/**
 * Address of the release that nodes boot, by the rule of lib/node/boot/steps/fetch.sh: what was rolled out last, as long as
 * the configuration has named no other since.
 */
export function booted(current: string | undefined, configured: string): string {
  const known = currentIn(current);
  return known?.over === configured ? known.uri : configured;
}

/**
 * Address of the release before the one that nodes boot.
 *
 * @param history Values of `release/current`, the newest first.
 * @returns undefined when there was none.
 */
export function bootedBefore(history: readonly string[], configured: string): string | undefined {
  const now = booted(history[0], configured);
  const before = history.flatMap((text) => currentIn(text)?.uri ?? []).find((uri) => uri !== now && uri !== 'none');
  return before ?? (configured !== now && configured !== 'none' ? configured : undefined);
}
