/**
 * Fingerprint of the key with which AWS signs the packages of the CloudWatch agent that it keeps in its buckets, in
 * hexadecimal. The key itself comes from there too, so this is what vouches for it.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/verify-CloudWatch-Agent-Package-Signature.html
 * (2026-11-29)
 */
export const CLOUDWATCH_AGENT_KEY = '937616F3450B7D806CBD9725D58167303B789C72';
