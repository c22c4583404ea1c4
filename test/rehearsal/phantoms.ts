/**
 * Types that fakecloud 0.51.0 accepts in a template and reports as complete without making anything: what this
 * rehearsal says nothing about. Each was seen so; the rehearsal fails when a type is missing here, and when one that
 * is listed turns out to exist.
 */
export const PHANTOMS: Readonly<Record<string, string>> = {
  'AWS::AutoScaling::ScalingPolicy': 'no provisioner; DescribePolicies is not supported',
  'AWS::AutoScaling::ScheduledAction': 'no provisioner; DescribeScheduledActions is not supported',
  'AWS::AutoScaling::WarmPool': 'no provisioner; DescribeWarmPool is not supported',
  'AWS::Backup::BackupSelection': 'no provisioner; the plan and its vault are there, and nothing is chosen',
  'AWS::Backup::RestoreTestingPlan': 'no provisioner; GetRestoreTestingPlan does not know it',
  'AWS::Backup::RestoreTestingSelection': 'no provisioner; GetRestoreTestingSelection does not know it',
  'AWS::Budgets::Budget': 'no provisioner; the engine has no Budgets at all',
  'AWS::CloudTrail::Trail': 'no provisioner; DescribeTrails is empty',
  'AWS::CloudWatch::CompositeAlarm': 'no provisioner; DescribeAlarms knows the metric alarms only',
  'AWS::ImageBuilder::Component': 'no provisioner; the engine has no Image Builder at all',
  'AWS::ImageBuilder::DistributionConfiguration': 'no provisioner; the engine has no Image Builder at all',
  'AWS::ImageBuilder::ImagePipeline': 'no provisioner; the engine has no Image Builder at all',
  'AWS::ImageBuilder::ImageRecipe': 'no provisioner; the engine has no Image Builder at all',
  'AWS::ImageBuilder::InfrastructureConfiguration': 'no provisioner; the engine has no Image Builder at all',
  'AWS::SSM::Association': 'no provisioner; DescribeAssociation does not know it',
  'AWS::SSM::PatchBaseline': 'no provisioner; GetPatchBaseline does not know it',
  'AWS::AutoScaling::LifecycleHook': 'no provisioner; the API answers that DescribeLifecycleHooks is not supported',
  'AWS::CloudFront::VpcOrigin':
    'no provisioner; ListVpcOrigins is empty and the distribution keeps the text of a reference',
  'AWS::DLM::LifecyclePolicy': 'no provisioner; the engine has no Data Lifecycle Manager at all',
  'AWS::EC2::EgressOnlyInternetGateway': 'no provisioner; the routes to it hold its logical id',
  'AWS::EC2::FlowLog': 'no provisioner; DescribeFlowLogs is empty',
  'AWS::EC2::NetworkInterface': 'no provisioner; the routes through a NAT instance hold its logical id',
  'AWS::EC2::SubnetRouteTableAssociation':
    'no provisioner; the route tables are there, no subnet is associated with one',
  'AWS::EC2::VPCCidrBlock': 'no provisioner; the network and its subnets have no IPv6 addresses',
  'AWS::EC2::VPCEndpoint': 'no provisioner; DescribeVpcEndpoints is empty',
  'Custom::DatabaseRoles':
    'its function cannot run without containers, which counts as success: roles are shown by its own test (peers)',
  'Custom::PhaseGate':
    'its function cannot run without containers, which counts as success: refusals of the gate are shown elsewhere',
  'Custom::VpcRestrictDefaultSG':
    'its function cannot run without containers, which counts as success; the default group keeps its rules',
};
