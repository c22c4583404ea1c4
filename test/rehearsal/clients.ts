import { ACMClient } from '@aws-sdk/client-acm';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DLMClient } from '@aws-sdk/client-dlm';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { CREDENTIALS } from './surroundings';

export type Clients = ReturnType<typeof clientsFor>;

/** The services' own clients, so that what is read back does not come from CloudFormation. */
export function clientsFor(endpoint: string, region: string) {
  const common = { endpoint, region, credentials: CREDENTIALS, maxAttempts: 2 };
  return {
    acm: new ACMClient(common),
    autoScaling: new AutoScalingClient(common),
    cloudFormation: new CloudFormationClient(common),
    cloudFront: new CloudFrontClient(common),
    dlm: new DLMClient(common),
    ec2: new EC2Client(common),
    elastiCache: new ElastiCacheClient(common),
    elb: new ElasticLoadBalancingV2Client(common),
    iam: new IAMClient(common),
    lambda: new LambdaClient(common),
    logs: new CloudWatchLogsClient(common),
    rds: new RDSClient(common),
    route53: new Route53Client(common),
    s3: new S3Client({ ...common, forcePathStyle: true }),
    secrets: new SecretsManagerClient(common),
    ssm: new SSMClient(common),
    waf: new WAFV2Client(common),
  };
}

/** Runs a request; undefined when the service says that there is no such thing, or that it does not know the request. */
export async function unlessRefused<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return false;
  const { httpStatusCode = 0 } = error.$metadata as { readonly httpStatusCode?: number };
  return (httpStatusCode >= 400 && httpStatusCode < 500) || httpStatusCode === 501;
}
