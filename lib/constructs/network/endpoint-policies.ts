import { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Services whose interface endpoints are known to take a policy. For others none is written: the making of an endpoint
 * fails with a policy that its service does not take. Systems Manager's channels (`ssmmessages`, `ec2messages`) and
 * CodeDeploy's agent are left out because nothing read says it of them; there the roles alone decide.
 *
 * Source: the pages of these services in https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
 * (2026-11-29)
 */
const TAKE_A_POLICY: readonly string[] = [
  'autoscaling',
  // https://docs.aws.amazon.com/keyspaces/latest/devguide/vpc-endpoints.html (2026-11-29)
  'cassandra',
  'cloudformation',
  'ec2',
  'kms',
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-endpoints.html (2026-11-30)
  'lambda',
  'logs',
  'monitoring',
  'secretsmanager',
  'sns',
  'sqs',
  'ssm',
  'sts',
];

/**
 * Lets nothing be written through the gateway of S3 but to this account: who is in the network cannot carry data out of
 * it to a bucket of somebody else. Reading stays open, also without credentials: packages, agents and images of AWS are
 * in its public buckets under names that change with region and year, and a release may lie in another account's.
 *
 * Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html (2026-11-29)
 */
export function keepWritesInAccount(endpoint: ec2.GatewayVpcEndpoint): void {
  endpoint.addToPolicy(anybody(['s3:*'], { StringEquals: { 'aws:ResourceAccount': Stack.of(endpoint).account } }));
  endpoint.addToPolicy(anybody(['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket', 's3:GetBucketLocation']));
}

/** Lets only this account's roles through the gateway of DynamoDB, and only to its own tables. */
export function keepTablesInAccount(endpoint: ec2.GatewayVpcEndpoint): void {
  const { account } = Stack.of(endpoint);
  endpoint.addToPolicy(
    anybody(['dynamodb:*'], { StringEquals: { 'aws:ResourceAccount': account, 'aws:PrincipalAccount': account } }),
  );
}

/** Lets only this account's roles through an interface endpoint, whatever credentials are used inside of the network. */
export function keepCallersInAccount(endpoint: ec2.InterfaceVpcEndpoint, service: string): void {
  if (!TAKE_A_POLICY.includes(service)) return;
  endpoint.addToPolicy(anybody(['*'], { StringEquals: { 'aws:PrincipalAccount': Stack.of(endpoint).account } }));
}

function anybody(actions: readonly string[], conditions?: Record<string, unknown>): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.AnyPrincipal()],
    actions: [...actions],
    resources: ['*'],
    ...(conditions && { conditions }),
  });
}
