/** Whom a quota counts for: one region of an account, the account, or one thing of a kind, whatever else there is. */
export type QuotaScope = 'region' | 'account' | 'zone' | 'vpc' | 'security group' | 'database';

/** What AWS lets an account have of something, until it is asked for more. */
export interface Quota {
  /** As Service Quotas knows the service, for example `ec2`. */
  readonly service: string;
  /** As Service Quotas knows the quota; left out where it lists none for it (or none is known here). */
  readonly code?: string;
  /** What it is of, in the words of AWS's own page or shorter. */
  readonly name: string;
  /** What an account has by default. */
  readonly standard: number;
  readonly scope: QuotaScope;
  /** Where a quota of the account is kept, when that is one region. */
  readonly home?: 'us-east-1';
  /** Page that gives the default. */
  readonly source: string;
}

const DOCS = 'https://docs.aws.amazon.com';
const VPC_PAGE = `${DOCS}/vpc/latest/userguide/amazon-vpc-limits.html`;
const RDS_PAGE = `${DOCS}/AmazonRDS/latest/UserGuide/CHAP_Limits.html`;
const ELB_PAGE = `${DOCS}/elasticloadbalancing/latest/application/load-balancer-limits.html`;
const NLB_PAGE = `${DOCS}/elasticloadbalancing/latest/network/load-balancer-limits.html`;
const CODEBUILD_PAGE = `${DOCS}/codebuild/latest/userguide/limits.html`;

/**
 * The quotas that the phases come near, or that a new account is short of.
 *
 * Defaults are those of the pages named, as they stood on 2026-11-29. Codes are those that
 * `aws service-quotas list-aws-default-service-quotas` gives (the list of gruntwork-io/terraform-aws-utilities, made from
 * it for us-east-1, 2026-01-14; `L-1216C47A`, `L-DC2B2D3D`, `L-24B04930` and `L-FE177D64` also from other public uses).
 * Some accounts begin with less than these: of vCPUs 5 to 32 are reported, of builds at once 1, of Lambda 10. What an
 * account has is what `beamstalk preflight` reads.
 */
export const QUOTAS = {
  vcpus: {
    service: 'ec2',
    code: 'L-1216C47A',
    name: 'vCPUs of On-Demand Standard instances',
    standard: 5,
    scope: 'region',
    source: 'https://docs.aws.amazon.com/cli/latest/reference/service-quotas/get-aws-default-service-quota.html',
  },
  'vcpus-x': {
    service: 'ec2',
    code: 'L-7295265B',
    name: 'vCPUs of On-Demand X instances',
    standard: 0,
    scope: 'region',
    source: `${DOCS}/general/latest/gr/ec2-service.html`,
  },
  'elastic-ips': {
    service: 'ec2',
    code: 'L-0263D0A3',
    name: 'Elastic IP addresses',
    standard: 5,
    scope: 'region',
    source: VPC_PAGE,
  },
  vpcs: { service: 'vpc', code: 'L-F678F1CE', name: 'VPCs', standard: 5, scope: 'region', source: VPC_PAGE },
  'internet-gateways': {
    service: 'vpc',
    code: 'L-A4707A72',
    name: 'Internet gateways',
    standard: 5,
    scope: 'region',
    source: VPC_PAGE,
  },
  'egress-only-gateways': {
    service: 'vpc',
    code: 'L-45FE3B85',
    name: 'Egress-only internet gateways',
    standard: 5,
    scope: 'region',
    source: VPC_PAGE,
  },
  'nat-gateways': {
    service: 'vpc',
    code: 'L-FE5A380F',
    name: 'NAT gateways in one zone',
    standard: 5,
    scope: 'zone',
    source: VPC_PAGE,
  },
  'gateway-endpoints': {
    service: 'vpc',
    code: 'L-1B52E74A',
    name: 'Gateway VPC endpoints',
    standard: 20,
    scope: 'region',
    source: `${DOCS}/vpc/latest/privatelink/vpc-limits-endpoints.html`,
  },
  'interface-endpoints': {
    service: 'vpc',
    code: 'L-29B6F2EB',
    name: 'Interface endpoints of one VPC',
    standard: 50,
    scope: 'vpc',
    source: `${DOCS}/vpc/latest/privatelink/vpc-limits-endpoints.html`,
  },
  'security-groups': {
    service: 'vpc',
    code: 'L-E79EC296',
    name: 'VPC security groups',
    standard: 2500,
    scope: 'region',
    source: VPC_PAGE,
  },
  'security-group-rules': {
    service: 'vpc',
    code: 'L-0EA8095F',
    name: 'Inbound or outbound rules of one security group',
    standard: 60,
    scope: 'security group',
    source: VPC_PAGE,
  },
  'application-load-balancers': {
    service: 'elasticloadbalancing',
    code: 'L-53DA6B97',
    name: 'Application Load Balancers',
    standard: 50,
    scope: 'region',
    source: ELB_PAGE,
  },
  'network-load-balancers': {
    service: 'elasticloadbalancing',
    code: 'L-69A177A2',
    name: 'Network Load Balancers',
    standard: 50,
    scope: 'region',
    source: NLB_PAGE,
  },
  'target-groups': {
    service: 'elasticloadbalancing',
    code: 'L-B22855CB',
    name: 'Target groups',
    standard: 3000,
    scope: 'region',
    source: ELB_PAGE,
  },
  'auto-scaling-groups': {
    service: 'autoscaling',
    code: 'L-CDE20ADC',
    name: 'Auto Scaling groups',
    standard: 500,
    scope: 'region',
    source: `${DOCS}/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html`,
  },
  'db-instances': {
    service: 'rds',
    code: 'L-7B6409FD',
    name: 'DB instances, of DocumentDB and Neptune too',
    standard: 40,
    scope: 'region',
    source: RDS_PAGE,
  },
  'db-clusters': {
    service: 'rds',
    code: 'L-952B80B8',
    name: 'DB clusters',
    standard: 40,
    scope: 'region',
    source: RDS_PAGE,
  },
  'read-replicas': {
    service: 'rds',
    code: 'L-5BC124EF',
    name: 'Read replicas of one database',
    standard: 15,
    scope: 'database',
    source: RDS_PAGE,
  },
  'db-subnet-groups': {
    service: 'rds',
    code: 'L-48C6BF61',
    name: 'DB subnet groups',
    standard: 50,
    scope: 'region',
    source: RDS_PAGE,
  },
  'db-parameter-groups': {
    service: 'rds',
    code: 'L-DE55804A',
    name: 'DB parameter groups',
    standard: 50,
    scope: 'region',
    source: RDS_PAGE,
  },
  'db-cluster-parameter-groups': {
    service: 'rds',
    code: 'L-E4C808A8',
    name: 'DB cluster parameter groups',
    standard: 50,
    scope: 'region',
    source: RDS_PAGE,
  },
  'db-shard-groups': {
    service: 'rds',
    code: 'L-75AC651F',
    name: 'DB shard groups',
    standard: 5,
    scope: 'region',
    source: RDS_PAGE,
  },
  'cache-nodes': {
    service: 'elasticache',
    code: 'L-DFE45DF3',
    name: 'ElastiCache nodes',
    standard: 300,
    scope: 'region',
    source: `${DOCS}/AmazonElastiCache/latest/dg/quota-limits.html`,
  },
  buckets: {
    service: 's3',
    code: 'L-DC2B2D3D',
    name: 'S3 general purpose buckets',
    standard: 10_000,
    scope: 'account',
    home: 'us-east-1',
    source: `${DOCS}/AmazonS3/latest/userguide/BucketRestrictions.html`,
  },
  'lambda-concurrency': {
    service: 'lambda',
    code: 'L-B99A9384',
    name: 'Concurrent executions of Lambda',
    standard: 1000,
    scope: 'region',
    source: `${DOCS}/lambda/latest/dg/gettingstarted-limits.html`,
  },
  'builds-linux-small': {
    service: 'codebuild',
    code: 'L-9D07B6EF',
    name: 'Concurrently running builds, Linux/Small',
    standard: 1,
    scope: 'region',
    source: CODEBUILD_PAGE,
  },
  'builds-linux-medium': {
    service: 'codebuild',
    code: 'L-2DC20C30',
    name: 'Concurrently running builds, Linux/Medium',
    standard: 1,
    scope: 'region',
    source: CODEBUILD_PAGE,
  },
  'builds-arm-small': {
    service: 'codebuild',
    code: 'L-5ED1D25B',
    name: 'Concurrently running builds, ARM/Small',
    standard: 1,
    scope: 'region',
    source: CODEBUILD_PAGE,
  },
  'builds-arm-medium': {
    service: 'codebuild',
    code: 'L-DF544FF3',
    name: 'Concurrently running builds, ARM/Medium',
    standard: 1,
    scope: 'region',
    source: CODEBUILD_PAGE,
  },
  tables: {
    service: 'dynamodb',
    code: 'L-F98FE922',
    name: 'DynamoDB tables',
    standard: 2500,
    scope: 'region',
    source: `${DOCS}/amazondynamodb/latest/developerguide/ServiceQuotas.html`,
  },
  'dsql-clusters': {
    service: 'dsql',
    code: 'L-B3A4E51E',
    name: 'Aurora DSQL clusters of one region',
    standard: 20,
    scope: 'region',
    source: `${DOCS}/aurora-dsql/latest/userguide/CHAP_quotas.html`,
  },
  'redshift-workgroups': {
    service: 'redshift-serverless',
    name: 'Redshift Serverless workgroups',
    standard: 25,
    scope: 'region',
    source: `${DOCS}/redshift/latest/mgmt/amazon-redshift-limits.html`,
  },
  parameters: {
    service: 'ssm',
    name: 'Standard parameters of Parameter Store',
    standard: 10_000,
    scope: 'region',
    source: `${DOCS}/general/latest/gr/ssm.html`,
  },
  'web-acls': {
    service: 'wafv2',
    name: 'Web ACLs for CloudFront',
    standard: 100,
    scope: 'account',
    home: 'us-east-1',
    source: `${DOCS}/waf/latest/developerguide/limits.html`,
  },
  distributions: {
    service: 'cloudfront',
    code: 'L-24B04930',
    name: 'CloudFront distributions',
    standard: 500,
    scope: 'account',
    home: 'us-east-1',
    source: `${DOCS}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html`,
  },
  stacks: {
    service: 'cloudformation',
    code: 'L-0485CB21',
    name: 'CloudFormation stacks',
    standard: 2000,
    scope: 'region',
    source: `${DOCS}/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html`,
  },
  roles: {
    service: 'iam',
    code: 'L-FE177D64',
    name: 'IAM roles',
    standard: 1000,
    scope: 'account',
    home: 'us-east-1',
    source: `${DOCS}/IAM/latest/UserGuide/reference_iam-quotas.html`,
  },
} as const satisfies Readonly<Record<string, Quota>>;

export type QuotaId = keyof typeof QUOTAS;

export const QUOTA_IDS = Object.keys(QUOTAS) as readonly QuotaId[];

/** A quota, as one kind of row whichever it is. */
export function quotaOf(id: QuotaId): Quota {
  return QUOTAS[id];
}
