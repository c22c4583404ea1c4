import type { PropertyChange } from './property-change';

/**
 * Positive when the first version is the newer: `17.10` is newer than `17.9`. 0 also when one is not written out (a
 * reference, or the choice of AWS): nothing can be said of it then.
 */
export function compareVersions(first: unknown, second: unknown): number {
  if (engineIn(first) !== engineIn(second)) return 0;
  const [a, b] = [partsOf(first), partsOf(second)];
  if (a.length === 0 || b.length === 0) return 0;
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Engines that count a major version in two numbers, such as `8.0` or `1.4`. PostgreSQL needs one since version 10. */
const TWO_NUMBERS = /mysql|mariadb|neptune/i;

/**
 * Tells a major upgrade of the engine from a minor one, as far as both versions are literal values.
 *
 * Source: https://docs.aws.amazon.com/neptune/latest/userguide/cfn-engine-update.html
 */
export function isMajorUpgrade({ before, after, is }: Pick<PropertyChange, 'before' | 'after' | 'is'>): boolean {
  const engine = is.Properties?.['Engine'];
  const numbers = TWO_NUMBERS.test(`${is.Type} ${typeof engine === 'string' ? engine : ''}`) ? 2 : 1;
  const [old, now] = [before, after].map((version) => partsOf(version).slice(0, numbers).join('.'));
  return old !== '' && now !== '' && (old !== now || engineIn(before) !== engineIn(after));
}

/** `OpenSearch` of `OpenSearch_2.11`, where a version says which engine it is of. */
function engineIn(version: unknown): string {
  return typeof version === 'string' ? (/^([A-Za-z]+)_/.exec(version)?.[1] ?? '') : '';
}

function partsOf(version: unknown): number[] {
  return (typeof version === 'string' || typeof version === 'number' ? String(version) : '')
    .replace(/^[A-Za-z]+_/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10))
    .filter(Number.isFinite);
}
