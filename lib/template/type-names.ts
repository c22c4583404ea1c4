import { isReplica } from './stateful';
import type { TemplateResource } from './template';

/** Types in the guide's words. What is not listed goes by the last part of its type. */
const WORDS: Readonly<Record<string, string>> = {
  'AWS::AutoScaling::AutoScalingGroup': 'fleet',
  'AWS::AutoScaling::LifecycleHook': 'draining hook',
  'AWS::AutoScaling::ScalingPolicy': 'scaling policy',
  'AWS::AutoScaling::ScheduledAction': 'scheduled size',
  'AWS::AutoScaling::WarmPool': 'warm pool',
  'AWS::Backup::BackupPlan': 'backup plan',
  'AWS::Backup::BackupSelection': 'choice of what is backed up',
  'AWS::Backup::BackupVault': 'backup vault',
  'AWS::Backup::RestoreTestingPlan': 'restore test',
  'AWS::Backup::RestoreTestingSelection': 'choice of what a restore test restores',
  'AWS::Budgets::Budget': 'budget',
  'AWS::Cassandra::Keyspace': 'keyspace',
  'AWS::CertificateManager::Certificate': 'certificate',
  'AWS::Chatbot::SlackChannelConfiguration': 'way of alarms into Slack',
  'AWS::CloudFront::Distribution': 'CDN',
  'AWS::CloudFront::OriginAccessControl': 'access of the CDN to a bucket',
  'AWS::CloudFront::VpcOrigin': 'way of the CDN into the network',
  'AWS::CloudTrail::Trail': 'audit trail',
  'AWS::CloudWatch::Alarm': 'alarm',
  'AWS::CloudWatch::AnomalyDetector': 'model of what is normal',
  'AWS::CloudWatch::CompositeAlarm': 'composite alarm',
  'AWS::CloudWatch::Dashboard': 'dashboard',
  'AWS::CodeBuild::Project': 'build',
  'AWS::CodeDeploy::Application': 'application of CodeDeploy',
  'AWS::CodeDeploy::DeploymentConfig': 'pace of a rollout',
  'AWS::CodeDeploy::DeploymentGroup': 'way of a release to a fleet',
  'AWS::CodePipeline::Pipeline': 'delivery pipeline',
  'AWS::DLM::LifecyclePolicy': 'snapshot schedule',
  'AWS::DSQL::Cluster': 'distributed SQL cluster',
  'AWS::DocDB::DBCluster': 'document store',
  'AWS::DocDB::DBInstance': 'instance of the document store',
  'AWS::DynamoDB::GlobalTable': 'key-value table',
  'AWS::DynamoDB::Table': 'key-value table',
  'AWS::EC2::EIP': 'fixed address',
  'AWS::EC2::EgressOnlyInternetGateway': 'IPv6 way out',
  'AWS::EC2::FlowLog': 'flow log',
  'AWS::EC2::InternetGateway': 'internet gateway',
  'AWS::EC2::LaunchTemplate': 'launch template',
  'AWS::EC2::NatGateway': 'NAT gateway',
  'AWS::EC2::NetworkInterface': 'network interface',
  'AWS::EC2::Route': 'route',
  'AWS::EC2::RouteTable': 'route table',
  'AWS::EC2::SecurityGroup': 'security group',
  'AWS::EC2::SecurityGroupEgress': 'security group rule',
  'AWS::EC2::SecurityGroupIngress': 'security group rule',
  'AWS::EC2::Subnet': 'subnet',
  'AWS::EC2::SubnetRouteTableAssociation': 'route table association',
  'AWS::EC2::VPC': 'network',
  'AWS::EC2::VPCEndpoint': 'private way to an AWS service',
  'AWS::EC2::Volume': 'data volume',
  'AWS::ElastiCache::ParameterGroup': 'set of cache parameters',
  'AWS::ElastiCache::ReplicationGroup': 'cache',
  'AWS::ElastiCache::SubnetGroup': 'subnet group',
  'AWS::ElasticLoadBalancingV2::Listener': 'listener',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'load balancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'target group',
  'AWS::Events::Rule': 'event rule',
  'AWS::IAM::InstanceProfile': 'instance profile',
  'AWS::IAM::ManagedPolicy': 'role policy',
  'AWS::IAM::Policy': 'role policy',
  'AWS::IAM::Role': 'role',
  'AWS::ImageBuilder::Component': 'step of an image',
  'AWS::ImageBuilder::DistributionConfiguration': 'place of an image',
  'AWS::ImageBuilder::ImageRecipe': 'recipe of an image',
  'AWS::ImageBuilder::InfrastructureConfiguration': 'machine of an image pipeline',
  'AWS::ImageBuilder::ImagePipeline': 'image pipeline',
  'AWS::KMS::Alias': 'name of a key',
  'AWS::KMS::Key': 'key',
  'AWS::Lambda::EventSourceMapping': 'way of messages to a function',
  'AWS::Lambda::Function': 'function',
  'AWS::Lambda::Permission': 'permission to call a function',
  'AWS::Logs::LogGroup': 'log',
  'AWS::Logs::MetricFilter': 'metric from a log',
  'AWS::Neptune::DBCluster': 'graph store',
  'AWS::Neptune::DBInstance': 'instance of the graph store',
  'AWS::RDS::DBCluster': 'database cluster',
  'AWS::RDS::DBClusterParameterGroup': 'set of cluster parameters',
  'AWS::RDS::DBInstance': 'database',
  'AWS::RDS::DBParameterGroup': 'set of database parameters',
  'AWS::RDS::DBShardGroup': 'shard group',
  'AWS::RDS::DBSubnetGroup': 'subnet group',
  'AWS::RDS::Integration': 'zero-ETL feed of the warehouse',
  'AWS::Redshift::Integration': 'zero-ETL feed of the warehouse',
  'AWS::RedshiftServerless::Namespace': 'warehouse',
  'AWS::RedshiftServerless::Workgroup': 'compute of the warehouse',
  'AWS::Route53::HostedZone': 'private DNS zone',
  'AWS::Route53::RecordSet': 'DNS record',
  'AWS::S3::Bucket': 'bucket',
  'AWS::S3::BucketPolicy': 'bucket policy',
  'AWS::SNS::Subscription': 'subscription to alarms',
  'AWS::SNS::Topic': 'topic',
  'AWS::SNS::TopicPolicy': 'topic policy',
  'AWS::SQS::Queue': 'queue',
  'AWS::SQS::QueuePolicy': 'queue policy',
  'AWS::SSM::Association': 'standing order to nodes',
  'AWS::SSM::MaintenanceWindow': 'maintenance window',
  'AWS::SSM::Parameter': 'published parameter',
  'AWS::SSM::PatchBaseline': 'patch baseline',
  'AWS::Scheduler::Schedule': 'schedule',
  'AWS::Scheduler::ScheduleGroup': 'group of schedules',
  'AWS::SecretsManager::RotationSchedule': 'rotation of a secret',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::SecretsManager::SecretTargetAttachment': 'address in a secret',
  'AWS::WAFv2::LoggingConfiguration': 'firewall log setting',
  'AWS::WAFv2::WebACL': 'firewall',
  'Custom::DatabaseRoles': 'role of an application in its database',
  'Custom::PhaseGate': 'climb gate',
  'Custom::WarehouseFeed': 'zero-ETL feed of the warehouse',
  'Custom::WarehouseUsageLimit': 'limit to what the warehouse spends',
  'Custom::VpcRestrictDefaultSG': 'emptied default security group',
};

/** What a reader of a summary wants counted rather than listed. */
const SMALL: ReadonlySet<string> = new Set([
  'AWS::AutoScaling::LifecycleHook',
  'AWS::AutoScaling::ScalingPolicy',
  'AWS::Backup::BackupSelection',
  'AWS::Backup::RestoreTestingSelection',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::AnomalyDetector',
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
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Association',
  'AWS::SSM::Parameter',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::SecretTargetAttachment',
  'AWS::WAFv2::LoggingConfiguration',
]);

/** What a resource is, in the guide's words: `database`, `read replica`, `app fleet`. */
export function nameOf(resource: TemplateResource): string {
  const { Type, Properties = {} } = resource;
  if (isReplica(resource)) return 'read replica';
  const word = WORDS[Type] ?? Type.split('::').at(-1) ?? Type;
  if (Type === 'AWS::AutoScaling::AutoScalingGroup') {
    const role = fleetOf(Properties['Tags']);
    return role === undefined
      ? word
      : role === 'nat'
        ? 'NAT instance'
        : role === 'box'
          ? 'single server'
          : `${role} ${word}`;
  }
  if (Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer') {
    return `${Properties['Type'] === 'network' ? 'network ' : ''}${word}`;
  }
  return word;
}

/** Whether it is counted rather than listed. */
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
