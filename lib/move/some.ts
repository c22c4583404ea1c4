const SHOWN = 5;

/** Names for a message: the first few, and how many more. */
export function some(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
