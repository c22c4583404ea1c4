import { AURORA, cluster } from './hazards-of-clusters';
import { replica, table } from './hazards-of-stores';
import type { SafeChange } from './safe-change';

/** The harmless neighbours of what is refused: a rule that also finds these is too eager. */
export const NEIGHBOURS: readonly SafeChange[] = [
  {
    name: 'a prohibition without conditions in the place of one with',
    plant: (after) =>
      void after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObjectAcl',
        Resource: '*',
        Condition: { StringNotEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } },
      }),
  },
  {
    name: 'all of a service on one thing',
    plant: (after) =>
      void after
        .find('app', 'TiersAppRoleDefaultPolicy')
        .Properties['PolicyDocument'].Statement.push({ Effect: 'Allow', Action: 'sqs:*', Resource: { Ref: 'Queue' } }),
    base: (both) => both.add('app', 'Queue', { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain' }),
  },
  {
    name: 'a role passed to one service',
    plant: (after) =>
      void after.find('app', 'TiersAppRoleDefaultPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: '*',
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      }),
  },
  {
    name: 'everybody from one distribution of ours',
    plant: (after) =>
      void after.find('data', 'BucketsAssetsBucketPolicy').Properties['PolicyDocument'].Statement.push({
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: '*',
        Condition: {
          ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:aws:sns:*:', { Ref: 'AWS::AccountId' }, ':*']] } },
        },
      }),
  },
  {
    name: 'the root of our own account in the policy of a new key',
    plant: (after) =>
      after.add('data', 'Key', {
        Type: 'AWS::KMS::Key',
        DeletionPolicy: 'Retain',
        Properties: {
          KeyPolicy: {
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } },
                Action: 'kms:*',
                Resource: '*',
              },
            ],
          },
        },
      }),
    change: ['Key', 'adds'],
  },
  {
    name: 'a statement taken apart',
    plant: (after) => {
      const { Statement } = after.find('data', 'BucketsUploadsBucketPolicy').Properties['PolicyDocument'];
      const [first] = Statement as [{ Resource: unknown[] }];
      Statement.splice(0, 1, ...first.Resource.map((one) => ({ ...first, Resource: one })));
    },
  },
  {
    name: 'the private network on a port',
    plant: (after) =>
      after.add('app', 'FromInside', {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: {
          GroupId: { 'Fn::GetAtt': [after.idOf('app', 'TiersAppSecurityGroup7'), 'GroupId'] },
          IpProtocol: 'tcp',
          FromPort: 9000,
          ToPort: 9000,
          CidrIp: '10.0.0.0/8',
        },
      }),
  },
  {
    name: 'users at the load balancer',
    plant: (after) =>
      after.add('app', 'Users', {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: {
          GroupId: { 'Fn::GetAtt': [after.idOf('app', 'TiersWebEdgeHttpAlbSecurityGroup6'), 'GroupId'] },
          IpProtocol: 'tcp',
          FromPort: 443,
          ToPort: 443,
          CidrIp: '0.0.0.0/0',
        },
      }),
  },
  {
    name: 'what goes is no longer backed up',
    base: (both) => {
      both.add('data', 'Scratch', { Type: 'AWS::SNS::Topic' });
      both.add('data', 'Selection', {
        Type: 'AWS::Backup::BackupSelection',
        Properties: { BackupSelection: { Resources: ['arn:aws:rds:*:*:db:*', { Ref: 'Scratch' }] } },
      });
    },
    plant: (after) => {
      after.remove('data', 'Scratch');
      after.set('data', 'Selection', { BackupSelection: { Resources: ['arn:aws:rds:*:*:db:*'] } });
    },
    change: ['Selection', 'replaces'],
  },
  {
    name: 'one more rule of the firewall',
    plant: (after) =>
      void after.find('edge-global', 'FirewallWebAcl').Properties['Rules'].push({
        Name: 'More',
        Priority: 9,
        OverrideAction: { None: {} },
        Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesLinuxRuleSet' } },
      }),
  },
  {
    name: 'a cheaper class for what is old',
    set: { 'storage.uploadsInfrequentAccessDays': '30' },
    change: ['BucketsUploadsBucket5', 'updates'],
  },
  {
    name: 'access logs for longer',
    given: { 'storage.logDays': '90' },
    set: { 'storage.logDays': '365' },
    change: ['BucketsLogsBucket', 'updates'],
  },
  {
    name: 'a new table whose items have a term',
    plant: (after) =>
      after.add('data', 'Sessions', {
        Type: 'AWS::DynamoDB::Table',
        DeletionPolicy: 'Retain',
        Properties: { TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAt' } },
      }),
    change: ['Sessions', 'adds'],
  },
  {
    name: 'messages for longer',
    base: (both) =>
      both.add('data', 'Jobs', { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain', Properties: { DelaySeconds: 1 } }),
    plant: (after) => after.set('data', 'Jobs', { MessageRetentionPeriod: 1209600 }),
  },
  {
    name: 'a newer bundle of the gate',
    plant: (after) => {
      after.find('gate', 'GateHandler').Properties['Code'].S3Key = `${'0123456789abcdef'.repeat(4)}.zip`;
    },
    change: ['GateHandler', 'updates'],
  },
  {
    name: 'synchronous commits said aloud',
    plant: (after) =>
      Object.assign(after.find('data', 'DatabaseParameters').Properties['Parameters'], { synchronous_commit: 'on' }),
  },
  {
    name: 'a policy from Retain to RetainExceptOnCreate',
    plant: (after) => {
      after.find('data', 'DatabaseInstanceAA').DeletionPolicy = 'RetainExceptOnCreate';
    },
    change: ['DatabaseInstanceAA', 'updates'],
  },
  {
    name: 'a policy from RetainExceptOnCreate to Retain',
    base: (both) => {
      both.find('data', 'DatabaseInstanceAA').DeletionPolicy = 'RetainExceptOnCreate';
    },
    plant: (after) => {
      after.find('data', 'DatabaseInstanceAA').DeletionPolicy = 'Retain';
    },
  },
  {
    name: 'a minor version of a cluster',
    base: cluster('RDS', AURORA),
    plant: (after) => after.set('data', 'Cluster', { EngineVersion: '17.10' }),
    change: ['Cluster', 'restarts'],
  },
  {
    name: 'a minor version of the graph',
    base: cluster('Neptune', { EngineVersion: '1.4.5.0' }),
    plant: (after) => after.set('data', 'Cluster', { EngineVersion: '1.4.6.0' }),
    change: ['Cluster', 'restarts'],
  },
  {
    name: 'larger instances of documents',
    base: cluster('DocDB'),
    plant: (after) => after.set('data', 'ClusterWriter', { DBInstanceClass: 'db.r7g.xlarge' }),
    change: ['ClusterWriter', 'restarts'],
  },
  {
    name: 'a reader of a cluster fewer',
    base: (both) => {
      cluster('RDS')(both);
      both.add('data', 'Reader', both.find('data', 'ClusterWriter'));
    },
    plant: (after) => after.remove('data', 'Reader'),
    change: ['Reader', 'removes'],
  },
  {
    name: 'a copy of a table in one more region',
    base: table,
    plant: (after) => after.set('data', 'Table', { Replicas: [replica('us-east-1'), { Region: 'eu-west-1' }] }),
    change: ['Table', 'updates'],
  },
  {
    name: 'a table recoverable to fewer days',
    base: table,
    plant: (after) =>
      after.set('data', 'Table', {
        Replicas: [
          replica('us-east-1', {
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 20 },
          }),
        ],
      }),
  },
  {
    name: 'a stream of the changes of a table',
    base: (both) => {
      table(both);
      both.unset('data', 'Table', 'StreamSpecification');
    },
    plant: (after) => after.set('data', 'Table', { StreamSpecification: { StreamViewType: 'KEYS_ONLY' } }),
  },
  {
    name: 'a dead-letter queue',
    base: (both) => both.add('data', 'Jobs', { Type: 'AWS::SQS::Queue', DeletionPolicy: 'Retain' }),
    plant: (after) => after.set('data', 'Jobs', { RedrivePolicy: { deadLetterTargetArn: 'arn', maxReceiveCount: 3 } }),
  },
  { name: 'a vault locked for good', phase: 4, set: { 'operations.vaultLock': 'compliance' } },
  { name: 'copies of backups in another region', phase: 4, set: { 'operations.copyRegion': 'eu-west-1' } },
  { name: 'one node fewer at least', set: { 'app.minNodes': '2' }, change: ['TiersAppGroupASG', 'updates'] },
  {
    name: 'the protection of load balancers taken off',
    set: { protection: 'data' },
    change: ['TiersAppHttpAlb', 'updates'],
  },
];
