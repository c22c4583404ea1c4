/**
 * Zones in which CloudFront cannot reach a load balancer through a VPC origin, by their ids, which are the same for every
 * account.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html, reported 2026
 */
export const ZONES_WITHOUT_VPC_ORIGINS: readonly string[] = ['use1-az3', 'usw1-az2', 'apne1-az3', 'cac1-az3'];
