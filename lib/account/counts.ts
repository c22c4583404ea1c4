import { CLOUDFRONT_PREFIX_LIST_WEIGHT, isCloudFrontPrefixList } from '../facts/cloudfront-prefix-list';
import type { QuotaId } from '../facts/quotas';
import { referencesIn } from '../template/references';
import type { TemplateResource, Templates } from '../template/template';
import { isTree, numberOf } from '../template/values';

type Amount = (resource: TemplateResource) => number;

const one: Amount = () => 1;

const where =
  (holds: (properties: Readonly<Record<string, unknown>>) => boolean): Amount =>
  ({ Properties = {} }) =>
    holds(Properties) ? 1 : 0;

/** Of an Aurora or RDS type and its siblings, which AWS counts together. */
const DATABASES = ['RDS', 'DocDB', 'Neptune'] as const;

/** Amount of a quota that each resource takes, by its type. */
const AMOUNTS: Readonly<Partial<Record<QuotaId, Readonly<Record<string, Amount>>>>> = {
  'elastic-ips': { 'AWS::EC2::EIP': one },
  vpcs: { 'AWS::EC2::VPC': one },
  'internet-gateways': { 'AWS::EC2::InternetGateway': one },
  'egress-only-gateways': { 'AWS::EC2::EgressOnlyInternetGateway': one },
  'gateway-endpoints': {
    'AWS::EC2::VPCEndpoint': where(({ VpcEndpointType: type = 'Gateway' }) => type === 'Gateway'),
  },
  // A VPC comes with one of its own.
  'security-groups': { 'AWS::EC2::SecurityGroup': one, 'AWS::EC2::VPC': one },
  'application-load-balancers': {
    'AWS::ElasticLoadBalancingV2::LoadBalancer': where(({ Type = 'application' }) => Type === 'application'),
  },
  'network-load-balancers': {
    'AWS::ElasticLoadBalancingV2::LoadBalancer': where(({ Type }) => Type === 'network'),
  },
  'target-groups': { 'AWS::ElasticLoadBalancingV2::TargetGroup': one },
  'auto-scaling-groups': { 'AWS::AutoScaling::AutoScalingGroup': one },
  'db-instances': Object.fromEntries(DATABASES.map((service) => [`AWS::${service}::DBInstance`, one])),
  'db-clusters': { 'AWS::RDS::DBCluster': one },
  'db-subnet-groups': { 'AWS::RDS::DBSubnetGroup': one },
  'db-parameter-groups': { 'AWS::RDS::DBParameterGroup': one },
  'db-cluster-parameter-groups': { 'AWS::RDS::DBClusterParameterGroup': one },
  'db-shard-groups': { 'AWS::RDS::DBShardGroup': one },
  'cache-nodes': {
    'AWS::ElastiCache::ReplicationGroup': ({ Properties = {} }) => {
      const shards = numberOf(Properties['NumNodeGroups']) ?? 1;
      return (
        numberOf(Properties['NumCacheClusters']) ?? shards * (1 + (numberOf(Properties['ReplicasPerNodeGroup']) ?? 0))
      );
    },
  },
  buckets: { 'AWS::S3::Bucket': one },
  tables: { 'AWS::DynamoDB::GlobalTable': one, 'AWS::DynamoDB::Table': one },
  'dsql-clusters': { 'AWS::DSQL::Cluster': one },
  'redshift-workgroups': { 'AWS::RedshiftServerless::Workgroup': one },
  parameters: { 'AWS::SSM::Parameter': one },
  'web-acls': { 'AWS::WAFv2::WebACL': where(({ Scope }) => Scope === 'CLOUDFRONT') },
  distributions: { 'AWS::CloudFront::Distribution': one },
  roles: { 'AWS::IAM::Role': one },
  'lambda-concurrency': {
    'AWS::Lambda::Function': ({ Properties = {} }) => numberOf(Properties['ReservedConcurrentExecutions']) ?? 0,
    'AWS::Lambda::EventSourceMapping': ({ Properties = {} }) => {
      const { ScalingConfig: scaling } = Properties;
      return (isTree(scaling) ? numberOf(scaling['MaximumConcurrency']) : undefined) ?? 0;
    },
  },
};

/** Amount of a quota that templates take in all. */
export function counted(quota: QuotaId, templates: Templates): number {
  if (quota === 'stacks') return Object.keys(templates).length;
  const amounts = AMOUNTS[quota] ?? {};
  return all(templates).reduce((sum, resource) => sum + (amounts[resource.Type]?.(resource) ?? 0), 0);
}

/** The most that one thing takes of a quota which each thing of its kind has for itself; undefined for other quotas. */
export function greatest(quota: QuotaId, templates: Templates): number | undefined {
  switch (quota) {
    case 'nat-gateways':
      return most(all(templates), 'AWS::EC2::NatGateway', 'SubnetId');
    case 'interface-endpoints':
      return all(templates).filter(
        ({ Type, Properties }) =>
          Type === 'AWS::EC2::VPCEndpoint' && (Properties?.['VpcEndpointType'] ?? 'Gateway') === 'Interface',
      ).length;
    case 'read-replicas':
      return most(all(templates), 'AWS::RDS::DBInstance', 'SourceDBInstanceIdentifier');
    case 'security-group-rules':
      return Math.max(0, ...Object.values(templates).map(mostRules));
    default:
      return undefined;
  }
}

function all(templates: Templates): TemplateResource[] {
  return Object.values(templates).flatMap(({ Resources }) => Object.values(Resources));
}

/** The greatest number of resources that have one value of a property. */
function most(resources: readonly TemplateResource[], type: string, property: string): number {
  const numbers = new Map<string, number>();
  for (const { Type, Properties } of resources) {
    const value = Type === type ? Properties?.[property] : undefined;
    if (value === undefined) continue;
    const key = JSON.stringify(value);
    numbers.set(key, (numbers.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...numbers.values());
}

/**
 * The most rules of one direction that a security group of a template has. A prefix list counts as many as it may have
 * entries.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html (2026-11-29)
 */
function mostRules({ Resources }: Templates[string]): number {
  const rules = new Map<string, number>();
  const add = (group: string, direction: string, rule: unknown): void => {
    const key = `${group} ${direction}`;
    rules.set(key, (rules.get(key) ?? 0) + weight(rule));
  };
  for (const [id, { Type, Properties = {} }] of Object.entries(Resources)) {
    if (Type === 'AWS::EC2::SecurityGroup') {
      for (const direction of ['Ingress', 'Egress']) {
        const inline: unknown = Properties[`SecurityGroup${direction}`];
        for (const rule of Array.isArray(inline) ? inline : []) add(id, direction, rule);
      }
    }
    const [, direction] = /^AWS::EC2::SecurityGroup(Ingress|Egress)$/.exec(Type) ?? [];
    const [group] = referencesIn(Properties['GroupId']);
    if (direction !== undefined) {
      add(group?.kind === 'resource' ? group.id : JSON.stringify(Properties['GroupId']), direction, Properties);
    }
  }
  return Math.max(0, ...rules.values());
}

function weight(rule: unknown): number {
  const list = isTree(rule) ? (rule['SourcePrefixListId'] ?? rule['DestinationPrefixListId']) : undefined;
  return typeof list === 'string' && isCloudFrontPrefixList(list) ? CLOUDFRONT_PREFIX_LIST_WEIGHT : 1;
}
