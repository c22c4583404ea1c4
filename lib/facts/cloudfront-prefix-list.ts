import facts from './cloudfront-prefix-lists.json';

/** Id of the list of addresses from which CloudFront reaches origins in a region, or undefined when it is not known. */
export function cloudFrontPrefixList(region: string): string | undefined {
  return (facts.lists as Readonly<Record<string, string>>)[region];
}

/** Rules that the list takes of a security group, however few addresses are in it. */
export const CLOUDFRONT_PREFIX_LIST_WEIGHT = 55;

/** Tells the list of CloudFront, by its id in any region, from others. */
export function isCloudFrontPrefixList(id: string): boolean {
  return Object.values(facts.lists).includes(id);
}
