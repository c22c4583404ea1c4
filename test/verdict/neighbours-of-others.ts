import { given, index, set } from './hazards-of-one-update';
import { replica, table } from './hazards-of-stores';
import type { SafeChange } from './safe-change';

const DENY = { Effect: 'Deny', Principal: '*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

/** Harmless neighbours of what one update cannot carry out, and of what templates have that nobody here wrote. */
export const NEIGHBOURS_OF_OTHERS: readonly SafeChange[] = [
  ...[
    { ProvisionedThroughputInMibps: 512 },
    { ProvisionedThroughputInMibps: 90 },
    { ThroughputMode: 'elastic', ProvisionedThroughputInMibps: undefined },
  ].map(
    (properties): SafeChange => ({
      name: `file system: throughput raised, lowered a step, or elastic: ${Object.values(properties).join(' ')}`,
      base: given('AWS::EFS::FileSystem', { ThroughputMode: 'provisioned', ProvisionedThroughputInMibps: 256 }),
      plant: set(properties),
      change: ['Thing', 'updates'],
    }),
  ),
  {
    name: 'table: one index more',
    base: given('AWS::DynamoDB::Table', { GlobalSecondaryIndexes: [index('a')] }),
    plant: set({ GlobalSecondaryIndexes: [index('a'), index('b')] }),
    change: ['Thing', 'updates'],
  },
  {
    name: 'global table: one replica more, and nothing of an index',
    base: (both) => {
      table(both);
      both.set('data', 'Table', { GlobalSecondaryIndexes: [index('a')] });
    },
    plant: (after) => after.set('data', 'Table', { Replicas: [replica('us-east-1'), { Region: 'eu-west-1' }] }),
  },
  {
    name: 'stream: twice the shards',
    base: given('AWS::Kinesis::Stream', { ShardCount: 2 }),
    plant: set({ ShardCount: 4 }),
  },
  {
    name: 'Kafka: another version, and tags',
    base: given('AWS::MSK::Cluster', { KafkaVersion: '3.6.0', NumberOfBrokerNodes: 3 }),
    plant: set({ KafkaVersion: '3.8.x', Tags: { team: 'a' } }),
  },
  {
    name: 'cache: resharded online',
    base: given(
      'AWS::ElastiCache::ReplicationGroup',
      { NumNodeGroups: 2 },
      { UpdatePolicy: { UseOnlineResharding: true } },
    ),
    plant: set({ NumNodeGroups: 3 }),
  },
  {
    name: 'cache: TLS preferred',
    base: given('AWS::ElastiCache::ReplicationGroup', { TransitEncryptionEnabled: false }),
    plant: set({ TransitEncryptionEnabled: true, TransitEncryptionMode: 'preferred' }),
  },
  {
    name: 'Kubernetes: the next minor version',
    base: given('AWS::EKS::Cluster', { Version: '1.33' }),
    plant: set({ Version: '1.34' }),
  },
  {
    name: 'database: a tenth more storage',
    base: (both) => both.set('data', 'DatabaseInstanceAA', { AllocatedStorage: '100' }),
    plant: (after) => after.set('data', 'DatabaseInstanceAA', { AllocatedStorage: '110' }),
  },
  {
    name: 'accounts: one attribute more',
    base: given('AWS::Cognito::UserPool', { Schema: [{ Name: 'plan', AttributeDataType: 'String' }] }),
    plant: set({
      Schema: [
        { Name: 'plan', AttributeDataType: 'String' },
        { Name: 'since', AttributeDataType: 'DateTime' },
      ],
    }),
  },
  {
    name: 'search: a minor version with leave to upgrade',
    base: given(
      'AWS::OpenSearchService::Domain',
      { EngineVersion: 'OpenSearch_2.9' },
      { UpdatePolicy: { EnableVersionUpgrade: true } },
    ),
    plant: set({ EngineVersion: 'OpenSearch_2.11' }),
    change: ['Thing', 'restarts'],
  },
  {
    name: 'files copied into a bucket in another way',
    base: given('Custom::CDKBucketDeployment', { Prune: true, RetainOnDelete: true }),
    plant: set({ Prune: false, RetainOnDelete: false }),
    change: ['Thing', 'updates'],
  },
  {
    name: 'notifications of a bucket',
    base: given('Custom::S3BucketNotifications', { NotificationConfiguration: {} }),
    plant: set({ NotificationConfiguration: { EventBridgeConfiguration: {} } }),
  },
  {
    name: 'a bucket emptied by another provider',
    base: given('Custom::S3AutoDeleteObjects', { ServiceToken: 'a', BucketName: 'x' }),
    plant: set({ ServiceToken: 'b' }),
    change: ['Thing', 'updates'],
  },
  {
    name: 'images that no longer go with their repository',
    base: given('AWS::ECR::Repository', { EmptyOnDelete: true }),
    plant: set({ EmptyOnDelete: false }),
    change: ['Thing', 'updates'],
  },
  {
    name: 'a new repository of images that stay',
    plant: (after) =>
      after.add('data', 'Images', {
        Type: 'AWS::ECR::Repository',
        Properties: { ImageTagMutability: 'IMMUTABLE' },
        DeletionPolicy: 'Retain',
      }),
    change: ['Images', 'adds'],
  },
  {
    name: 'private DNS zone removed',
    base: given(
      'AWS::Route53::HostedZone',
      { Name: 'example.internal', VPCs: [{ VPCId: 'vpc-1', VPCRegion: 'eu-central-1' }] },
      { DeletionPolicy: 'Delete' },
    ),
    plant: (after) => after.remove('data', 'Thing'),
    change: ['Thing', 'removes'],
  },
  {
    name: 'public DNS zone that stays in the account',
    base: given('AWS::Route53::HostedZone', { Name: 'example.com' }),
    plant: (after) => after.remove('data', 'Thing'),
    change: ['Thing', 'removes'],
  },
  ...['AWS::CloudFormation::Stack', 'AWS::Serverless::Application'].map(
    (Type): SafeChange => ({
      name: `${Type} of other tags, told of elsewhere and waited for longer`,
      base: given(Type, { TemplateURL: 'https://a/1.json', TimeoutInMinutes: 10 }),
      plant: set({ Tags: [{ Key: 'team', Value: 'a' }], TimeoutInMinutes: 60, NotificationARNs: ['arn'] }),
      change: ['Thing', 'updates'],
    }),
  ),
  {
    name: 'tags beside a macro that stays as it is',
    base: given('AWS::DynamoDB::Table', { 'Fn::Transform': { Name: 'Housekeeping', Parameters: { Days: 1 } } }),
    plant: set({ Tags: [{ Key: 'team', Value: 'a' }] }),
    change: ['Thing', 'updates'],
  },
  {
    name: 'a scaling policy of another name',
    base: given('AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyName: 'a',
      PolicyType: 'TargetTrackingScaling',
      ResourceId: 'service/a/b',
      ScalableDimension: 'ecs:service:DesiredCount',
      ServiceNamespace: 'ecs',
    }),
    plant: set({ PolicyName: 'b' }),
    change: ['Thing', 'replaces'],
  },
  {
    name: 'every object of one bucket',
    plant: (after) =>
      void after.find('app', 'TiersAppRoleDefaultPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Allow',
        Action: 's3:DeleteObject',
        Resource: 'arn:aws:s3:::one-bucket/*',
      }),
  },
  {
    name: 'all of what only watches',
    plant: (after) =>
      void after
        .find('app', 'TiersAppRoleDefaultPolicy')
        .Properties['PolicyDocument'].Statement.push({ Effect: 'Allow', Action: 'xray:*', Resource: '*' }),
  },
  {
    name: 'a narrow statement that may stand',
    base: (both) => {
      both.stack('app').Parameters = { ...both.stack('app').Parameters, Wide: { Type: 'String' } };
      Object.assign(both.stack('app'), { Conditions: { IsWide: { 'Fn::Equals': [{ Ref: 'Wide' }, 'yes'] } } });
    },
    plant: (after) => {
      const narrow = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::one-bucket/*' };
      const { Statement } = after.find('app', 'TiersAppRoleDefaultPolicy').Properties['PolicyDocument'];
      Statement.push({ 'Fn::If': ['IsWide', narrow, { Ref: 'AWS::NoValue' }] });
    },
  },
  {
    name: 'days of backups that the default of a parameter adds to',
    base: (both) => {
      both.stack('data').Parameters = { ...both.stack('data').Parameters, Days: { Type: 'Number', Default: 30 } };
      both.set('data', 'DatabaseInstanceAA', { BackupRetentionPeriod: { Ref: 'Days' } });
    },
    plant: (after) => {
      after.stack('data').Parameters = { ...after.stack('data').Parameters, Days: { Type: 'Number', Default: 35 } };
    },
  },
  {
    name: 'everything forbidden in the words of the service',
    base: (both) =>
      void both
        .find('data', 'BucketsUploadsBucketPolicy')
        .Properties['PolicyDocument'].Statement.push({ ...DENY, Action: '*' }),
    plant: (after) => {
      after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.at(-1).Action = 's3:*';
    },
  },
  {
    name: 'a public subnet that is new and maps no addresses',
    plant: (after) => {
      const vpc = { Ref: after.idOf('network', 'NetworkVpc', 'AWS::EC2::VPC') };
      const table = { Ref: after.idOf('network', 'NetworkVpcpublicSubnet1', 'AWS::EC2::RouteTable') };
      after.add('network', 'New', {
        Type: 'AWS::EC2::Subnet',
        Properties: { VpcId: vpc, CidrBlock: '10.255.255.0/28', MapPublicIpOnLaunch: false },
      });
      after.add('network', 'NewAssociation', {
        Type: 'AWS::EC2::SubnetRouteTableAssociation',
        Properties: { RouteTableId: table, SubnetId: { Ref: 'New' } },
      });
    },
    change: ['New', 'adds'],
  },
  {
    name: 'a password that another resource made',
    base: given('AWS::RDS::DBInstance', { Engine: 'postgres', MasterUserPassword: '{{resolve:secretsmanager:a}}' }),
    plant: set({ MasterUserPassword: { 'Fn::GetAtt': ['Generator', 'Value'] } }),
  },
  {
    name: 'a secret with an attribute of another resource in it',
    plant: (after) =>
      after.add('data', 'Key', {
        Type: 'AWS::SecretsManager::Secret',
        DeletionPolicy: 'Retain',
        Properties: { SecretString: { 'Fn::Sub': '{"key":"${Thing.Arn}"}' } },
      }),
    base: given('AWS::SNS::Topic', {}),
  },
  {
    name: 'days of backups that a parameter says',
    base: (both) => {
      both.stack('data').Parameters = { ...both.stack('data').Parameters, Days: { Type: 'Number' } };
    },
    plant: (after) => after.set('data', 'DatabaseInstanceAA', { BackupRetentionPeriod: { Ref: 'Days' } }),
  },
  {
    name: 'a function of SAM that may take longer',
    base: given('AWS::Serverless::Function', { Timeout: 3, CodeUri: 'a' }),
    plant: set({ Timeout: 30, CodeUri: 'b' }),
    change: ['Thing', 'updates'],
  },
];
