/**
 * RDS wants at least a tenth above what is allocated. In whole numbers, because 100 * 1.1 is more than 110.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html (2026-11-20)
 */
export function leastMaximum(storageGiB: number): number {
  return Math.ceil((storageGiB * 11) / 10);
}
