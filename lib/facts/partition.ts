/**
 * The partitions of AWS but the standard one, by how the names of their regions begin. Nothing goes from one to another.
 *
 * Source: `aws-cdk-lib/region-info` 2.276.0 (test/config/known-region.test.ts compares)
 */
const BEGINNINGS: readonly (readonly [beginning: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['eusc-', 'aws-eusc'],
];

/** The partition that a region belongs to. */
export function partitionOf(region: string): string {
  return BEGINNINGS.find(([beginning]) => region.startsWith(beginning))?.[1] ?? 'aws';
}
