/** Reasons for which a type of resource costs nothing by itself. */
const REASONS = {
  identity: 'AWS charges nothing for identities and permissions',
  network: 'AWS charges nothing for it; what flows through it is priced where it is billed',
  part: 'it is part of another resource, and priced there',
  held: 'what it holds or carries is priced as usage',
  service: 'AWS charges nothing for it; what it runs is priced by itself',
  custom: 'it runs a function, which is priced by itself',
  few: 'AWS charges by the call, and calls it so seldom that a month stays below a cent',
} as const;

type Reason = keyof typeof REASONS;

/**
 * Types without a price of their own, by the rule that says so.
 *
 * Sources: the lists of free resources of Infracost (providers/terraform/aws/registry.go and cloudformation/aws/registry.go,
 * 2026-08-21), and the pricing page of each service. Scheduler: fourteen million invocations a month are free, of which
 * the house's schedules are a few hundred (public copies of its page, 2026-03-13). Placement groups:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html, "There is no charge" (a copy, 2026-11-30).
 */
const FREE: Readonly<Record<Reason, readonly string[]>> = {
  identity: [
    'AWS::IAM::InstanceProfile',
    'AWS::IAM::ManagedPolicy',
    'AWS::IAM::OIDCProvider',
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::IAM::User',
    'AWS::KMS::Alias',
    'AWS::Lambda::Permission',
    'AWS::S3::BucketPolicy',
    'AWS::SecretsManager::ResourcePolicy',
    'AWS::SNS::TopicPolicy',
    'AWS::SQS::QueuePolicy',
  ],
  network: [
    'AWS::EC2::EgressOnlyInternetGateway',
    'AWS::EC2::EIPAssociation',
    'AWS::EC2::InternetGateway',
    'AWS::EC2::NetworkAcl',
    'AWS::EC2::NetworkAclEntry',
    'AWS::EC2::NetworkInterface',
    'AWS::EC2::PlacementGroup',
    'AWS::EC2::PrefixList',
    'AWS::EC2::Route',
    'AWS::EC2::RouteTable',
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroupEgress',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::Subnet',
    'AWS::EC2::SubnetRouteTableAssociation',
    'AWS::EC2::VPC',
    'AWS::EC2::VPCCidrBlock',
    'AWS::EC2::VPCGatewayAttachment',
    'AWS::CertificateManager::Certificate',
    'AWS::Route53::RecordSet',
  ],
  part: [
    'AWS::AutoScaling::LaunchConfiguration',
    'AWS::AutoScaling::LifecycleHook',
    'AWS::AutoScaling::ScalingPolicy',
    'AWS::AutoScaling::ScheduledAction',
    'AWS::Backup::BackupSelection',
    'AWS::Backup::RestoreTestingSelection',
    'AWS::CloudFront::CachePolicy',
    'AWS::CloudFront::OriginAccessControl',
    'AWS::CloudFront::OriginRequestPolicy',
    'AWS::CloudFront::ResponseHeadersPolicy',
    'AWS::CloudFront::VpcOrigin',
    'AWS::DocDB::DBClusterParameterGroup',
    'AWS::DocDB::DBSubnetGroup',
    'AWS::EC2::LaunchTemplate',
    'AWS::EC2::VolumeAttachment',
    'AWS::ElastiCache::ParameterGroup',
    'AWS::ElastiCache::SubnetGroup',
    'AWS::ElasticLoadBalancingV2::Listener',
    'AWS::ElasticLoadBalancingV2::ListenerCertificate',
    'AWS::ElasticLoadBalancingV2::ListenerRule',
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    'AWS::Lambda::EventSourceMapping',
    'AWS::Lambda::LayerVersion',
    'AWS::Lambda::Version',
    'AWS::Lambda::Alias',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Neptune::DBClusterParameterGroup',
    'AWS::Neptune::DBParameterGroup',
    'AWS::Neptune::DBSubnetGroup',
    'AWS::RDS::DBClusterParameterGroup',
    'AWS::RDS::DBParameterGroup',
    'AWS::RDS::DBSubnetGroup',
    'AWS::RDS::Integration',
    'AWS::SecretsManager::RotationSchedule',
    'AWS::SecretsManager::SecretTargetAttachment',
    'AWS::SNS::Subscription',
    'AWS::WAFv2::LoggingConfiguration',
    'AWS::WAFv2::WebACLAssociation',
  ],
  held: ['AWS::Backup::BackupVault', 'AWS::EC2::FlowLog', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket'],
  service: [
    'AWS::Budgets::Budget',
    'AWS::CDK::Metadata',
    'AWS::Chatbot::SlackChannelConfiguration',
    'AWS::CloudFormation::WaitCondition',
    'AWS::CloudFormation::WaitConditionHandle',
    'AWS::CodeDeploy::Application',
    'AWS::CodeDeploy::DeploymentConfig',
    'AWS::CodeDeploy::DeploymentGroup',
    'AWS::ECS::CapacityProvider',
    'AWS::ECS::Cluster',
    'AWS::ECS::ClusterCapacityProviderAssociations',
    'AWS::ECS::TaskDefinition',
    'AWS::ImageBuilder::Component',
    'AWS::ImageBuilder::DistributionConfiguration',
    'AWS::ImageBuilder::ImageRecipe',
    'AWS::ImageBuilder::InfrastructureConfiguration',
    'AWS::ImageBuilder::LifecyclePolicy',
    'AWS::SSM::Association',
    'AWS::SSM::Document',
    'AWS::SSM::PatchBaseline',
  ],
  custom: ['AWS::CloudFormation::CustomResource', 'AWS::CloudFormation::Macro'],
  few: ['AWS::Events::Rule', 'AWS::Scheduler::Schedule', 'AWS::Scheduler::ScheduleGroup'],
};

const BY_TYPE: ReadonlyMap<string, Reason> = new Map(
  (Object.keys(FREE) as Reason[]).flatMap((reason) => FREE[reason].map((type) => [type, reason] as const)),
);

/** Reason for which a type costs nothing by itself, or undefined when no rule says so. */
export function whyFree(type: string): string | undefined {
  const reason = type.startsWith('Custom::') ? 'custom' : BY_TYPE.get(type);
  return reason === undefined ? undefined : REASONS[reason];
}
