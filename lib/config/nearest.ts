import { distance } from 'fastest-levenshtein';

/** So many allowed values can be read at a glance; of more, the nearest few are named. */
const AT_A_GLANCE = 8;
const FEW = 4;

/** The candidate that takes the fewest single-character edits, if those are few. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = byDistance(word, candidates);
  return best !== undefined && distance(word, best) <= Math.max(2, Math.floor(best.length / 3)) ? best : undefined;
}

/** ` (did you mean x?)`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const similar = nearest(word, candidates);
  return similar === undefined ? '' : ` (did you mean ${similar}?)`;
}

/** `a, b, c`; of more than can be read at a glance the nearest few to a word: `a, b, c, d (nearest 4 of 31)`. */
export function listed(candidates: readonly string[], word: string): string {
  if (candidates.length <= AT_A_GLANCE) return candidates.join(', ');
  return `${byDistance(word, candidates).slice(0, FEW).join(', ')} (nearest ${FEW} of ${candidates.length})`;
}

/** The candidates in the order of their distance, then as they were: numbers and versions by value, words by edits. */
function byDistance(word: string, candidates: readonly string[]): readonly string[] {
  const areNumbers = [word, ...candidates].every((one) => /^\d+(\.\d+)?$/.test(one));
  return candidates
    .map((candidate) => ({ candidate, far: (areNumbers ? stepsBetween : distance)(word, candidate) }))
    .sort((a, b) => a.far - b.far)
    .map(({ candidate }) => candidate);
}

/** Of versions, such as 17.9, the minor ones of the same major are nearer than any of another. */
function stepsBetween(one: string, other: string): number {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [one, other].map((text) =>
    text.split('.').map(Number),
  ) as [number[], number[]];
  return Math.abs(major - otherMajor) * 1000 + Math.abs(minor - otherMinor);
}
