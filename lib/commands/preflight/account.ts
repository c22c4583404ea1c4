import type { CloudControlClient } from '@aws-sdk/client-cloudcontrol';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { findInstanceType } from '../../facts/instance-type';
import { type QuotaId, quotaOf } from '../../facts/quotas';
import { type Asked, asked } from './asked';

/** Quotas and use of an account in one region. */
export class Account {
  private constructor(
    private readonly sdk: Sdk,
    private readonly quotas: ServiceQuotasClient,
    private readonly control: CloudControlClient,
    private readonly ec2: EC2Client,
  ) {}

  static async in(region: string): Promise<Account> {
    const sdk: Sdk = {
      ...(await import('@aws-sdk/client-service-quotas')),
      ...(await import('@aws-sdk/client-cloudcontrol')),
      ...(await import('@aws-sdk/client-ec2')),
    };
    const client = { region, maxAttempts: 5 };
    return new Account(
      sdk,
      new sdk.ServiceQuotasClient(client),
      new sdk.CloudControlClient(client),
      new sdk.EC2Client(client),
    );
  }

  /** Quota of the account: its own value, or AWS's default where it never asked for another; undefined unknown. */
  async allowed(quota: QuotaId): Promise<Asked<number | undefined>> {
    const { service: ServiceCode, code: QuotaCode } = quotaOf(quota);
    if (QuotaCode === undefined) return { answer: undefined };
    const own = await asked(() => this.quotas.send(new this.sdk.GetServiceQuotaCommand({ ServiceCode, QuotaCode })));
    if ('refused' in own || own.answer?.Quota?.Value !== undefined) return quotaValue(own);
    const standard = await asked(() =>
      this.quotas.send(new this.sdk.GetAWSDefaultServiceQuotaCommand({ ServiceCode, QuotaCode })),
    );
    return quotaValue(standard);
  }

  /** Use of a quota, the environment's own included; undefined when it cannot be counted. */
  async used(quota: QuotaId, environment: string): Promise<Asked<number | undefined>> {
    if (quota === 'vcpus' || quota === 'vcpus-x') return asked(() => this.vcpusOfOthers(quota, environment));
    if (quota === 'nat-gateways') return { answer: undefined };
    const listed = LISTED[quota];
    if (listed === undefined) return { answer: undefined };
    return asked(() => this.count(listed));
  }

  private async count({ type, model, holds }: Listed): Promise<number> {
    const pages = this.sdk.paginateListResources(
      { client: this.control },
      { TypeName: type, ...(model && { ResourceModel: JSON.stringify(model) }) },
    );
    let count = 0;
    for await (const { ResourceDescriptions = [] } of pages) {
      count += ResourceDescriptions.filter(({ Identifier = '' }) => holds?.test(Identifier) ?? true).length;
    }
    return count;
  }

  /** vCPUs that run, but for those of the environment: fleets change, and what they need is reckoned anew. */
  private async vcpusOfOthers(quota: 'vcpus' | 'vcpus-x', environment: string): Promise<number> {
    const running = [{ Name: 'instance-state-name', Values: ['pending', 'running'] }];
    let vcpus = 0;
    for await (const page of this.sdk.paginateDescribeInstances({ client: this.ec2 }, { Filters: running })) {
      for (const instance of (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances)) {
        const { InstanceType: type = '', InstanceLifecycle: lifecycle, Tags = [], CpuOptions: cpu } = instance;
        const own = Tags.some(({ Key, Value }) => Key === 'beamstalk:environment' && Value === environment);
        const family = /^[acdhimrtz]\d/.test(type) ? 'vcpus' : /^x\d/.test(type) ? 'vcpus-x' : undefined;
        if (own || lifecycle === 'spot' || family !== quota) continue;
        vcpus += findInstanceType(type)?.vcpu ?? (cpu?.CoreCount ?? 0) * (cpu?.ThreadsPerCore ?? 1);
      }
    }
    return vcpus;
  }
}

type Sdk = typeof import('@aws-sdk/client-service-quotas') &
  typeof import('@aws-sdk/client-cloudcontrol') &
  typeof import('@aws-sdk/client-ec2');

function quotaValue(
  outcome: Asked<{ readonly Quota?: { readonly Value?: number | undefined } | undefined } | undefined>,
): Asked<number | undefined> {
  return 'refused' in outcome ? outcome : { answer: outcome.answer?.Quota?.Value };
}

/** A type of which the Cloud Control API lists what the account has, as CloudFormation names it. */
interface Listed {
  readonly type: string;
  /** Parameters that the list call requires. */
  readonly model?: Readonly<Record<string, string>>;
  /** Pattern of the identifiers that count. */
  readonly holds?: RegExp;
}

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

/** Source of the types that can be listed: https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/supported-resources.html */
const LISTED: Readonly<Partial<Record<QuotaId, Listed>>> = {
  'elastic-ips': { type: 'AWS::EC2::EIP' },
  vpcs: { type: 'AWS::EC2::VPC' },
  'internet-gateways': { type: 'AWS::EC2::InternetGateway' },
  'egress-only-gateways': { type: 'AWS::EC2::EgressOnlyInternetGateway' },
  'security-groups': { type: 'AWS::EC2::SecurityGroup' },
  'application-load-balancers': { type: LOAD_BALANCER, holds: /loadbalancer\/app\// },
  'network-load-balancers': { type: LOAD_BALANCER, holds: /loadbalancer\/net\// },
  'target-groups': { type: 'AWS::ElasticLoadBalancingV2::TargetGroup' },
  'auto-scaling-groups': { type: 'AWS::AutoScaling::AutoScalingGroup' },
  // RDS lists those of DocumentDB and Neptune with its own.
  'db-instances': { type: 'AWS::RDS::DBInstance' },
  'db-clusters': { type: 'AWS::RDS::DBCluster' },
  'db-subnet-groups': { type: 'AWS::RDS::DBSubnetGroup' },
  'db-parameter-groups': { type: 'AWS::RDS::DBParameterGroup' },
  'db-cluster-parameter-groups': { type: 'AWS::RDS::DBClusterParameterGroup' },
  buckets: { type: 'AWS::S3::Bucket' },
  tables: { type: 'AWS::DynamoDB::Table' },
  'dsql-clusters': { type: 'AWS::DSQL::Cluster' },
  'redshift-workgroups': { type: 'AWS::RedshiftServerless::Workgroup' },
  parameters: { type: 'AWS::SSM::Parameter' },
  'web-acls': { type: 'AWS::WAFv2::WebACL', model: { Scope: 'CLOUDFRONT' } },
  distributions: { type: 'AWS::CloudFront::Distribution' },
  stacks: { type: 'AWS::CloudFormation::Stack' },
  roles: { type: 'AWS::IAM::Role' },
};
