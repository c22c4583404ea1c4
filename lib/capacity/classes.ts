/** Classes of databases, smallest first, of which both the price and the size are known. */
const SIZES = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '16xlarge'];
const BURSTABLE = ['micro', 'small', 'medium'];

const ladder = (prefix: string, family: string, sizes: readonly string[]): string[] =>
  sizes.map((size) => `${prefix}.${family}.${size}`);

/** Ladders of classes that a database grows along, one a family. */
export const DATABASE_LADDERS: readonly (readonly string[])[] = [
  ladder('db', 't4g', [...BURSTABLE, 'large']),
  ladder('db', 'm7g', SIZES),
  ladder('db', 'r7g', SIZES),
];

/** Ladders of node types that a cache grows along. */
export const CACHE_LADDERS: readonly (readonly string[])[] = [
  ladder('cache', 't4g', BURSTABLE),
  ladder('cache', 'm7g', ['large', 'xlarge', '2xlarge', '4xlarge']),
  ladder('cache', 'r7g', ['large', 'xlarge', '2xlarge', '4xlarge']),
];

/** The next class on the ladder of a class: from the end of the T family, the smallest of the R family. */
export function largerClass(name: string): string | undefined {
  for (const ladders of [DATABASE_LADDERS, CACHE_LADDERS]) {
    const own = ladders.find((one) => one.includes(name));
    if (own === undefined) continue;
    const next = own[own.indexOf(name) + 1];
    return next ?? (name.includes('.t4g.') ? ladders.at(-1)?.[0] : undefined);
  }
  return undefined;
}
