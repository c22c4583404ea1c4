import facts from './cloudfront-prefix-lists.json';

/** Id of the list of addresses from which CloudFront reaches origins in a region, or undefined when it is not known. */
export function cloudFrontPrefixList(region: string): string | undefined {
  return (facts.lists as Readonly<Record<string, string>>)[region];
}
