import type { Traffic } from '../../lib/config/traffic-settings';
import type { TemplateResource, Templates } from '../../lib/template/template';

/** An architecture whose bill docs/cost.md works out by hand, under the same number. */
export interface WorkedExample {
  readonly name: string;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  /** Settings that differ from no traffic at all. */
  readonly traffic?: Partial<Traffic>;
}

export function templatesOf({ resources }: Pick<WorkedExample, 'resources'>): Templates {
  return { example: { Resources: resources } };
}

const resource = (Type: string, Properties: Readonly<Record<string, unknown>> = {}): TemplateResource => ({
  Type,
  Properties,
});

/** A fleet with its launch template, under two ids. */
const fleet = (InstanceType: string, MinSize: number, MaxSize: number): Record<string, TemplateResource> => ({
  Launch: resource('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: {
      InstanceType,
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 16, VolumeType: 'gp3' } }],
    },
  }),
  Fleet: resource('AWS::AutoScaling::AutoScalingGroup', {
    MinSize: String(MinSize),
    MaxSize: String(MaxSize),
    LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' }, Version: '1' },
  }),
});

const times = (count: number, id: string, one: TemplateResource): Record<string, TemplateResource> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${id}${index}`, one]));

const queue = (target?: string): TemplateResource =>
  resource(
    'AWS::SQS::Queue',
    target === undefined ? {} : { RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [target, 'Arn'] } } },
  );

export const WORKED_EXAMPLES: readonly WorkedExample[] = [
  {
    name: 'A single server',
    resources: {
      ...fleet('t3.medium', 1, 1),
      Address: resource('AWS::EC2::EIP'),
      Data: resource('AWS::EC2::Volume', { Size: 20, VolumeType: 'gp3' }),
    },
  },
  {
    name: 'A database with a standby',
    resources: {
      Database: resource('AWS::RDS::DBInstance', {
        Engine: 'postgres',
        DBInstanceClass: 'db.r7g.large',
        MultiAZ: true,
        StorageType: 'gp3',
        AllocatedStorage: '100',
        DatabaseInsightsMode: 'advanced',
      }),
    },
  },
  {
    name: 'Three nodes behind CloudFront',
    resources: {
      ...fleet('c7i.xlarge', 3, 9),
      Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', { Type: 'application', Scheme: 'internal' }),
      Edge: resource('AWS::CloudFront::Distribution'),
      Firewall: resource('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT', Rules: [{}, {}, {}, {}, {}] }),
    },
    traffic: { requestsPerMonth: 100_000_000, payloadBytes: 20_000, cdnHitPercent: 50 },
  },
  {
    name: 'Sockets behind a Network Load Balancer',
    resources: {
      ...fleet('c7i.4xlarge', 4, 8),
      Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', { Type: 'network', Subnets: ['a', 'b', 'c'] }),
    },
    traffic: { connections: 250_000, peakFactor: 2 },
  },
  {
    name: 'A cache and two read replicas',
    resources: {
      Writer: resource('AWS::RDS::DBInstance', {
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.medium',
        StorageType: 'gp3',
        AllocatedStorage: '20',
        BackupRetentionPeriod: 15,
      }),
      ...times(
        2,
        'Replica',
        resource('AWS::RDS::DBInstance', {
          SourceDBInstanceIdentifier: { Ref: 'Writer' },
          DBInstanceClass: 'db.t4g.medium',
          StorageType: 'gp3',
        }),
      ),
      Cache: resource('AWS::ElastiCache::ReplicationGroup', {
        Engine: 'valkey',
        CacheNodeType: 'cache.r7g.large',
        NumCacheClusters: 3,
        SnapshotRetentionLimit: 8,
      }),
    },
    traffic: { writesPerMonth: 3_000_000, rowBytes: 1000, keepMonths: 24 },
  },
  {
    name: 'Four Aurora clusters',
    resources: {
      ...times(
        4,
        'Cluster',
        resource('AWS::RDS::DBCluster', {
          Engine: 'aurora-postgresql',
          ServerlessV2ScalingConfiguration: { MinCapacity: 2, MaxCapacity: 64 },
        }),
      ),
      ...Object.fromEntries(
        Array.from({ length: 4 }, (_, index) => [
          `Instance${index}`,
          resource('AWS::RDS::DBInstance', {
            DBClusterIdentifier: { Ref: `Cluster${index}` },
            DBInstanceClass: 'db.serverless',
          }),
        ]),
      ),
    },
    traffic: { readsPerMonth: 1_000_000_000, writesPerMonth: 10_000_000, rowBytes: 1000, keepMonths: 12 },
  },
  {
    name: 'Queues and a function that works on one',
    resources: {
      Jobs: queue('Dead'),
      Mail: queue('Dead'),
      Dead: queue(),
      Worker: resource('AWS::Lambda::Function', { Architectures: ['arm64'], MemorySize: 512 }),
      Mapping: resource('AWS::Lambda::EventSourceMapping', {
        EventSourceArn: { 'Fn::GetAtt': ['Mail', 'Arn'] },
        FunctionName: { Ref: 'Worker' },
      }),
    },
    traffic: { jobsPerMonth: 6_000_000 },
  },
  {
    name: 'Two tables on demand',
    resources: {
      ...times(
        2,
        'Table',
        resource('AWS::DynamoDB::GlobalTable', {
          BillingMode: 'PAY_PER_REQUEST',
          Replicas: [{ Region: 'us-east-1', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
        }),
      ),
    },
    traffic: { readsPerMonth: 200_000_000, writesPerMonth: 20_000_000, rowBytes: 1500, keepMonths: 6 },
  },
  {
    name: 'A warehouse',
    resources: {
      Namespace: resource('AWS::RedshiftServerless::Namespace'),
      Workgroup: resource('AWS::RedshiftServerless::Workgroup', { BaseCapacity: 8 }),
    },
    traffic: { writesPerMonth: 50_000_000, rowBytes: 1000, keepMonths: 24 },
  },
  {
    name: 'A network of three zones, watched',
    resources: {
      ...times(3, 'Address', resource('AWS::EC2::EIP')),
      ...times(3, 'Gateway', resource('AWS::EC2::NatGateway')),
      ...times(
        2,
        'Endpoint',
        resource('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b', 'c'] }),
      ),
      Buckets: resource('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' }),
      ...times(12, 'Alarm', resource('AWS::CloudWatch::Alarm', { Namespace: 'AWS/EC2', Period: 60 })),
      Unusual: resource('AWS::CloudWatch::Alarm', {
        Metrics: [
          { Id: 'm', MetricStat: { Metric: { Namespace: 'AWS/EC2' }, Period: 300 } },
          { Id: 'band', Expression: 'ANOMALY_DETECTION_BAND(m, 2)' },
        ],
      }),
      Together: resource('AWS::CloudWatch::CompositeAlarm'),
      Board: resource('AWS::CloudWatch::Dashboard'),
      Key: resource('AWS::KMS::Key'),
      ...times(4, 'Secret', resource('AWS::SecretsManager::Secret')),
    },
  },
];
