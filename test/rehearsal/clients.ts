import { ACMClient } from '@aws-sdk/client-acm';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { BackupClient } from '@aws-sdk/client-backup';
import { BudgetsClient } from '@aws-sdk/client-budgets';
import { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient } from '@aws-sdk/client-cloudfront';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { DLMClient } from '@aws-sdk/client-dlm';
import { DocDBClient } from '@aws-sdk/client-docdb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { NeptuneClient } from '@aws-sdk/client-neptune';
import { RDSClient } from '@aws-sdk/client-rds';
import { RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { CREDENTIALS } from './surroundings';

export type Clients = ReturnType<typeof clientsFor>;

/** The services' own clients, so that what is read back does not come from CloudFormation. */
export function clientsFor(endpoint: string, region: string) {
  const common = { endpoint, region, credentials: CREDENTIALS, maxAttempts: 2 };
  return {
    acm: new ACMClient(common),
    backup: new BackupClient(common),
    budgets: new BudgetsClient(common),
    cloudControl: new CloudControlClient(common),
    cloudTrail: new CloudTrailClient(common),
    cloudWatch: new CloudWatchClient(common),
    codeBuild: new CodeBuildClient(common),
    codeDeploy: new CodeDeployClient(common),
    codePipeline: new CodePipelineClient(common),
    docDb: new DocDBClient(common),
    dynamoDb: new DynamoDBClient(common),
    events: new EventBridgeClient(common),
    kms: new KMSClient(common),
    neptune: new NeptuneClient(common),
    redshiftServerless: new RedshiftServerlessClient(common),
    scheduler: new SchedulerClient(common),
    sns: new SNSClient(common),
    sqs: new SQSClient(common),
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
