import { isPublicZone } from './public-zones';
import { isReplica } from './stateful';
import type { TemplateResource } from './template';

/** Types by the names that AWS gives them. One that is not listed goes by the last part of its type. */
const WORDS: Readonly<Record<string, string>> = {
  'AWS::AutoScaling::AutoScalingGroup': 'fleet',
  'AWS::AutoScaling::LifecycleHook': 'lifecycle hook',
  'AWS::AutoScaling::ScalingPolicy': 'scaling policy',
  'AWS::AutoScaling::ScheduledAction': 'scheduled action',
  'AWS::AutoScaling::WarmPool': 'warm pool',
  'AWS::Backup::BackupPlan': 'backup plan',
  'AWS::Backup::BackupSelection': 'backup selection',
  'AWS::Backup::BackupVault': 'backup vault',
  'AWS::Backup::RestoreTestingPlan': 'restore testing plan',
  'AWS::Backup::RestoreTestingSelection': 'restore testing selection',
  'AWS::Budgets::Budget': 'budget',
  'AWS::Cassandra::Keyspace': 'keyspace',
  'AWS::CertificateManager::Certificate': 'certificate',
  'AWS::Chatbot::SlackChannelConfiguration': 'Slack channel configuration',
  'AWS::CloudFront::Distribution': 'CloudFront distribution',
  'AWS::CloudFront::OriginAccessControl': 'origin access control',
  'AWS::CloudFront::VpcOrigin': 'VPC origin',
  'AWS::CloudTrail::Trail': 'trail',
  'AWS::CloudWatch::Alarm': 'alarm',
  'AWS::CloudWatch::AnomalyDetector': 'anomaly detector',
  'AWS::CloudWatch::CompositeAlarm': 'composite alarm',
  'AWS::CloudWatch::Dashboard': 'dashboard',
  'AWS::CodeBuild::Project': 'CodeBuild project',
  'AWS::CodeDeploy::Application': 'CodeDeploy application',
  'AWS::CodeDeploy::DeploymentConfig': 'deployment configuration',
  'AWS::CodeDeploy::DeploymentGroup': 'deployment group',
  'AWS::CodePipeline::Pipeline': 'pipeline',
  'AWS::DLM::LifecyclePolicy': 'snapshot lifecycle policy',
  'AWS::DSQL::Cluster': 'Aurora DSQL cluster',
  'AWS::DocDB::DBCluster': 'DocumentDB cluster',
  'AWS::DocDB::DBInstance': 'DocumentDB instance',
  'AWS::DynamoDB::GlobalTable': 'DynamoDB table',
  'AWS::DynamoDB::Table': 'DynamoDB table',
  'AWS::EC2::EIP': 'Elastic IP',
  'AWS::EC2::EgressOnlyInternetGateway': 'egress-only internet gateway',
  'AWS::EC2::FlowLog': 'flow log',
  'AWS::EC2::Instance': 'EC2 instance',
  'AWS::EC2::InternetGateway': 'internet gateway',
  'AWS::EC2::LaunchTemplate': 'launch template',
  'AWS::EC2::NatGateway': 'NAT gateway',
  'AWS::EC2::NetworkInterface': 'network interface',
  'AWS::EC2::PlacementGroup': 'placement group',
  'AWS::EC2::Route': 'route',
  'AWS::EC2::RouteTable': 'route table',
  'AWS::EC2::SecurityGroup': 'security group',
  'AWS::EC2::SecurityGroupEgress': 'security group rule',
  'AWS::EC2::SecurityGroupIngress': 'security group rule',
  'AWS::EC2::Subnet': 'subnet',
  'AWS::EC2::SubnetRouteTableAssociation': 'route table association',
  'AWS::EC2::VPC': 'VPC',
  'AWS::EC2::VPCEndpoint': 'VPC endpoint',
  'AWS::EC2::Volume': 'data volume',
  'AWS::EFS::FileSystem': 'file system',
  'AWS::ElastiCache::ParameterGroup': 'cache parameter group',
  'AWS::ElastiCache::ReplicationGroup': 'cache',
  'AWS::ElastiCache::SubnetGroup': 'subnet group',
  'AWS::ElasticLoadBalancingV2::Listener': 'listener',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'load balancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'target group',
  'AWS::Events::Rule': 'event rule',
  'AWS::IAM::InstanceProfile': 'instance profile',
  'AWS::IAM::ManagedPolicy': 'IAM policy',
  'AWS::IAM::Policy': 'IAM policy',
  'AWS::IAM::Role': 'IAM role',
  'AWS::ImageBuilder::Component': 'Image Builder component',
  'AWS::ImageBuilder::DistributionConfiguration': 'distribution configuration',
  'AWS::ImageBuilder::ImageRecipe': 'image recipe',
  'AWS::ImageBuilder::InfrastructureConfiguration': 'infrastructure configuration',
  'AWS::ImageBuilder::ImagePipeline': 'image pipeline',
  'AWS::KMS::Alias': 'key alias',
  'AWS::KMS::Key': 'KMS key',
  'AWS::Lambda::EventSourceMapping': 'event source mapping',
  'AWS::Lambda::Function': 'Lambda function',
  'AWS::Lambda::Permission': 'Lambda permission',
  'AWS::Logs::LogGroup': 'log group',
  'AWS::Logs::MetricFilter': 'metric filter',
  'AWS::Neptune::DBCluster': 'Neptune cluster',
  'AWS::Neptune::DBInstance': 'Neptune instance',
  'AWS::RDS::DBCluster': 'database cluster',
  'AWS::RDS::DBClusterParameterGroup': 'cluster parameter group',
  'AWS::RDS::DBInstance': 'database',
  'AWS::RDS::DBParameterGroup': 'database parameter group',
  'AWS::RDS::DBShardGroup': 'shard group',
  'AWS::RDS::DBSubnetGroup': 'subnet group',
  'AWS::RDS::Integration': 'zero-ETL integration',
  'AWS::Redshift::Integration': 'zero-ETL integration',
  'AWS::RedshiftServerless::Namespace': 'warehouse namespace',
  'AWS::RedshiftServerless::Workgroup': 'warehouse workgroup',
  'AWS::Route53::HostedZone': 'private DNS zone',
  'AWS::Route53::RecordSet': 'DNS record',
  'AWS::S3::Bucket': 'bucket',
  'AWS::S3::BucketPolicy': 'bucket policy',
  'AWS::SNS::Subscription': 'SNS subscription',
  'AWS::SNS::Topic': 'SNS topic',
  'AWS::SNS::TopicPolicy': 'SNS topic policy',
  'AWS::SQS::Queue': 'SQS queue',
  'AWS::SQS::QueuePolicy': 'SQS queue policy',
  'AWS::SSM::Association': 'State Manager association',
  'AWS::SSM::MaintenanceWindow': 'maintenance window',
  'AWS::SSM::Parameter': 'published parameter',
  'AWS::SSM::PatchBaseline': 'patch baseline',
  'AWS::Scheduler::Schedule': 'schedule',
  'AWS::Scheduler::ScheduleGroup': 'schedule group',
  'AWS::SecretsManager::RotationSchedule': 'rotation schedule',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::SecretsManager::SecretTargetAttachment': 'secret target attachment',
  'AWS::WAFv2::LoggingConfiguration': 'web ACL logging configuration',
  'AWS::WAFv2::WebACL': 'web ACL',
  'Custom::DatabaseRoles': 'set of database roles',
  'Custom::PhaseGate': 'phase gate',
  'Custom::WarehouseFeed': 'zero-ETL integration',
  'Custom::WarehouseUsageLimit': 'warehouse usage limit',
  'Custom::VpcRestrictDefaultSG': 'default security group without rules',
};

/** Types that a summary counts rather than lists. */
const SMALL: ReadonlySet<string> = new Set([
  'AWS::AutoScaling::LifecycleHook',
  'AWS::AutoScaling::ScalingPolicy',
  'AWS::Backup::BackupSelection',
  'AWS::Backup::RestoreTestingSelection',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::AnomalyDetector',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentConfig',
  'AWS::DocDB::DBClusterParameterGroup',
  'AWS::DocDB::DBSubnetGroup',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::ElastiCache::ParameterGroup',
  'AWS::ElastiCache::SubnetGroup',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::Events::Rule',
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::ImageBuilder::Component',
  'AWS::ImageBuilder::DistributionConfiguration',
  'AWS::ImageBuilder::ImageRecipe',
  'AWS::ImageBuilder::InfrastructureConfiguration',
  'AWS::KMS::Alias',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Neptune::DBClusterParameterGroup',
  'AWS::Neptune::DBSubnetGroup',
  'AWS::RDS::DBClusterParameterGroup',
  'AWS::RDS::DBParameterGroup',
  'AWS::RDS::DBSubnetGroup',
  'AWS::Route53::RecordSet',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Association',
  'AWS::SSM::Parameter',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::RotationSchedule',
  'AWS::SecretsManager::SecretTargetAttachment',
  'AWS::WAFv2::LoggingConfiguration',
  'Custom::DatabaseRoles',
]);

/** Groups that are no fleets, by the last part of their tag. */
const GROUPS: Readonly<Record<string, string>> = { nat: 'NAT instance', box: 'single server', mover: 'mover' };

/** Names a resource by its type, and by its role where that tells more: `database`, `read replica`, `app fleet`. */
export function nameOf(resource: TemplateResource): string {
  const { Type, Properties = {} } = resource;
  if (isReplica(resource)) return 'read replica';
  if (isPublicZone(resource)) return 'public DNS zone';
  const word = WORDS[Type] ?? Type.split('::').at(-1) ?? Type;
  if (Type === 'AWS::AutoScaling::AutoScalingGroup') {
    const role = fleetOf(Properties['Tags']);
    return role === undefined ? word : (GROUPS[role] ?? `${role} ${word}`);
  }
  if (Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer') {
    return `${Properties['Type'] === 'network' ? 'network ' : ''}${word}`;
  }
  return word;
}

/** True for resources that are counted rather than listed. */
export function isSmall(type: string): boolean {
  return SMALL.has(type);
}

/** A logical id without the hash that the CDK appends. */
export function shortId(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/** The last part of the fleet's tag: `app` of `prod-app`. */
function fleetOf(tags: unknown): string | undefined {
  const list = (Array.isArray(tags) ? tags : []) as readonly { Key?: unknown; Value?: unknown }[];
  const value = list.find(({ Key }) => Key === 'beamstalk:fleet')?.Value;
  return typeof value === 'string' ? value.split('-').at(-1) : undefined;
}
