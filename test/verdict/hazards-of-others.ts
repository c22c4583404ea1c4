import type { Hazard } from './hazard';
import { given, KEPT, set } from './hazards-of-one-update';

const ALL = { Effect: 'Allow', Action: '*', Resource: '*' };

/** What templates have that nobody here wrote. */
export const OTHERS: readonly Hazard[] = [
  ...[{ ProvisionedThroughputInMibps: 80 }, { ThroughputMode: 'bursting' }].map(
    (properties): Hazard => ({
      name: `file system: provisioned throughput cut, ${JSON.stringify(properties)}`,
      given: given('AWS::EFS::FileSystem', { ThroughputMode: 'provisioned', ProvisionedThroughputInMibps: 256 }),
      plant: set(properties),
      rule: 'file-system-throughput',
      change: ['Thing', 'updates'],
    }),
  ),
  {
    name: 'search: another version without leave to upgrade',
    given: given('AWS::OpenSearchService::Domain', { EngineVersion: 'OpenSearch_1.3' }),
    plant: set({ EngineVersion: 'OpenSearch_2.11' }),
    rule: 'data-replaced',
    change: ['Thing', 'replaces'],
  },
  {
    name: 'search: a major version with leave to upgrade',
    given: given(
      'AWS::OpenSearchService::Domain',
      { EngineVersion: 'OpenSearch_1.3' },
      { UpdatePolicy: { EnableVersionUpgrade: true } },
    ),
    plant: set({ EngineVersion: 'OpenSearch_2.11' }),
    rule: 'major-upgrade',
    verdict: 'needs-migration',
    change: ['Thing', 'restarts'],
  },
  {
    name: 'search: from Elasticsearch with leave to upgrade',
    given: given(
      'AWS::OpenSearchService::Domain',
      { EngineVersion: 'Elasticsearch_7.10' },
      { UpdatePolicy: { EnableVersionUpgrade: 'true' } },
    ),
    plant: set({ EngineVersion: 'OpenSearch_1.3' }),
    rule: 'major-upgrade',
    verdict: 'needs-migration',
  },
  {
    name: 'search: an older version',
    given: given(
      'AWS::OpenSearchService::Domain',
      { EngineVersion: 'OpenSearch_2.11' },
      { UpdatePolicy: { EnableVersionUpgrade: true } },
    ),
    plant: set({ EngineVersion: 'OpenSearch_2.9' }),
    rule: 'rejected-by-aws',
  },
  ...['AWS::MSK::Cluster', 'AWS::FSx::Volume', 'AWS::CloudTrail::EventDataStore', 'AWS::CodeCommit::Repository'].map(
    (Type): Hazard => ({
      name: `${Type} removed`,
      given: given(Type, { Name: 'x' }),
      plant: (after) => after.remove('data', 'Thing'),
      rule: 'data-removed',
    }),
  ),
  {
    name: 'public DNS zone removed',
    given: given('AWS::Route53::HostedZone', { Name: 'example.com' }, { DeletionPolicy: 'Delete' }),
    plant: (after) => after.remove('data', 'Thing'),
    rule: 'public-zone-gone',
    verdict: 'needs-migration',
    change: ['Thing', 'removes'],
  },
  {
    name: 'public DNS zone in the place of another',
    given: given('AWS::Route53::HostedZone', { Name: 'example.com' }, { UpdateReplacePolicy: 'Delete' }),
    plant: set({ Name: 'example.org' }),
    rule: 'public-zone-gone',
    verdict: 'needs-migration',
    change: ['Thing', 'replaces'],
  },
  ...(
    [
      ['AWS::CloudFormation::Stack', { TemplateURL: 'https://a/1.json' }, { TemplateURL: 'https://a/2.json' }],
      ['AWS::CloudFormation::Stack', { Parameters: { Days: '35' } }, { Parameters: { Days: '1' } }],
      ['AWS::CloudFormation::StackSet', { TemplateBody: '{"Resources":{}}' }, { TemplateBody: '{}' }],
      ['AWS::CloudFormation::StackSet', { TemplateURL: 'https://a/1.json' }, { TemplateURL: 'https://a/2.json' }],
      ['AWS::Serverless::Application', { Location: './a.yaml' }, { Location: './b.yaml' }],
    ] as const
  ).map(
    ([Type, properties, changed]): Hazard => ({
      name: `${Type} of another ${Object.keys(changed).join()}`,
      given: given(Type, properties),
      plant: set(changed),
      rule: 'not-understood',
      change: ['Thing', 'updates'],
    }),
  ),
  {
    name: 'a macro that writes the properties of a table',
    given: given('AWS::DynamoDB::Table', { TableName: 'a' }),
    plant: set({ 'Fn::Transform': { Name: 'Housekeeping', Parameters: { Days: 1 } } }),
    rule: 'not-understood',
  },
  {
    name: 'a statement that may stand',
    given: (both) => {
      both.stack('app').Parameters = { ...both.stack('app').Parameters, Wide: { Type: 'String' } };
      Object.assign(both.stack('app'), { Conditions: { IsWide: { 'Fn::Equals': [{ Ref: 'Wide' }, 'yes'] } } });
    },
    plant: (after) =>
      void after
        .find('app', 'TiersAppRoleDefaultPolicy')
        .Properties['PolicyDocument'].Statement.push({ 'Fn::If': ['IsWide', ALL, { Ref: 'AWS::NoValue' }] }),
    rule: 'broad-permission',
  },
  {
    name: 'a statement of a bucket that may stand',
    given: (both) => {
      both.stack('data').Parameters = { ...both.stack('data').Parameters, Wide: { Type: 'String' } };
      Object.assign(both.stack('data'), { Conditions: { IsWide: { 'Fn::Equals': [{ Ref: 'Wide' }, 'yes'] } } });
    },
    plant: (after) =>
      void after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.push({
        'Fn::If': ['IsWide', { ...ALL, Principal: '*' }, { Ref: 'AWS::NoValue' }],
      }),
    rule: 'open-to-world',
  },
  {
    name: 'a prohibition of everything that becomes one of reading',
    given: (both) =>
      void both.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Deny',
        Principal: '*',
        Action: '*',
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } },
      }),
    plant: (after) => {
      after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.at(-1).Action =
        's3:GetObject';
    },
    rule: 'deny-removed',
  },
  {
    name: 'days of backups that the default of a parameter cuts',
    given: (both) => {
      both.stack('data').Parameters = { ...both.stack('data').Parameters, Days: { Type: 'Number', Default: 35 } };
      both.set('data', 'DatabaseInstanceAA', { BackupRetentionPeriod: { Ref: 'Days' } });
    },
    plant: (after) => {
      after.stack('data').Parameters = { ...after.stack('data').Parameters, Days: { Type: 'Number', Default: 1 } };
    },
    rule: 'guard-weaker',
    verdict: 'needs-migration',
  },
  {
    name: 'all of what keeps data',
    plant: (after) =>
      void after
        .find('app', 'TiersAppRoleDefaultPolicy')
        .Properties['PolicyDocument'].Statement.push({ Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }),
    rule: 'broad-permission',
  },
  {
    name: 'another type under a logical id',
    given: given('AWS::S3::Bucket', {}),
    plant: (after) => after.add('data', 'Thing', { ...KEPT, Type: 'AWS::SNS::Topic' }),
    rule: 'rejected-by-aws',
  },
  {
    name: 'a custom resource that nobody here knows',
    given: given('Custom::Ledger', { Size: 1 }),
    plant: set({ Size: 2 }),
    rule: 'not-understood',
  },
  {
    name: 'all keys of a table of SAM',
    given: given('AWS::Serverless::SimpleTable', { PrimaryKey: { Name: 'id', Type: 'String' } }),
    plant: set({ PrimaryKey: { Name: 'key', Type: 'String' } }),
    rule: 'data-replaced',
  },
  {
    name: 'an unknown rule of a group',
    given: (both) => both.add('app', 'Door', { Type: 'AWS::EC2::SecurityGroup' }),
    plant: (after) => after.set('app', 'Door', { SecurityGroupIngress: [{ 'Fn::GetAtt': ['Elsewhere', 'Rules'] }] }),
    rule: 'open-to-world',
  },
  {
    name: 'every object of every bucket',
    plant: (after) =>
      void after.find('app', 'TiersAppRoleDefaultPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Allow',
        Action: 's3:DeleteObject',
        Resource: 'arn:aws:s3:::*/*',
      }),
    rule: 'broad-permission',
  },
  {
    name: 'a private subnet that is new and has a way in',
    plant: (after) => {
      const vpc = { Ref: after.idOf('network', 'NetworkVpc', 'AWS::EC2::VPC') };
      const gateway = { Ref: after.idOf('network', 'NetworkVpc', 'AWS::EC2::InternetGateway') };
      after.add('network', 'New', {
        Type: 'AWS::EC2::Subnet',
        Properties: {
          VpcId: vpc,
          CidrBlock: '10.255.255.0/28',
          Tags: [{ Key: 'aws-cdk:subnet-type', Value: 'Private' }],
        },
      });
      after.add('network', 'NewTable', { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: vpc } });
      after.add('network', 'NewRoute', {
        Type: 'AWS::EC2::Route',
        Properties: { RouteTableId: { Ref: 'NewTable' }, GatewayId: gateway, DestinationCidrBlock: '0.0.0.0/0' },
      });
      after.add('network', 'NewAssociation', {
        Type: 'AWS::EC2::SubnetRouteTableAssociation',
        Properties: { RouteTableId: { Ref: 'NewTable' }, SubnetId: { Ref: 'New' } },
      });
    },
    rule: 'open-to-world',
  },
];
