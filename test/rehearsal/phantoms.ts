/**
 * Types that fakecloud 0.51.0 accepts in a template and reports as complete without making anything: what this
 * rehearsal says nothing about. Each was seen so; the rehearsal fails when a type is missing here, and when one that
 * is listed turns out to exist.
 */
export const PHANTOMS: Readonly<Record<string, string>> = {
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
  'Custom::PhaseGate':
    'its function cannot run without containers, which counts as success: refusals of the gate are shown elsewhere',
  'Custom::VpcRestrictDefaultSG':
    'its function cannot run without containers, which counts as success; the default group keeps its rules',
};
