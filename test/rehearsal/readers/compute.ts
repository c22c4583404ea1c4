import { DescribeAutoScalingGroupsCommand, DescribeLifecycleHooksCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetLifecyclePolicyCommand } from '@aws-sdk/client-dlm';
import { DescribeLaunchTemplateVersionsCommand, DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetInstanceProfileCommand, GetPolicyCommand, GetRoleCommand, GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { unlessRefused } from '../clients';
import { property } from './network';
import { pick, type Reader } from './reader';

/** CloudFormation names a role by its name, the engine by its ARN. */
const nameOf = (id: string | undefined): string => id?.split('/').at(-1) ?? '';

/** A custom resource makes nothing that can be read: what its function wrote says whether it ran at all. */
const functionRan: Reader = async (resource, { lambda, logs }) => {
  const token = property(resource, 'ServiceToken') as { readonly 'Fn::GetAtt'?: readonly [string, string] } | undefined;
  const FunctionName = resource.resolve({ Ref: token?.['Fn::GetAtt']?.[0] }) ?? '';
  const handler = await unlessRefused(lambda.send(new GetFunctionConfigurationCommand({ FunctionName })));
  const logGroupName = handler?.LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
  const streams = (await unlessRefused(logs.send(new DescribeLogStreamsCommand({ logGroupName }))))?.logStreams ?? [];
  return streams.length > 0 ? { logGroupName } : undefined;
};

export const COMPUTE_READERS: Readonly<Record<string, Reader>> = {
  'AWS::EC2::Volume': async ({ physicalId }, { ec2 }) => {
    const answer = await unlessRefused(ec2.send(new DescribeVolumesCommand({ VolumeIds: [physicalId] })));
    return pick(answer?.Volumes?.[0], 'Size', 'VolumeType', 'Encrypted', 'AvailabilityZone');
  },

  'AWS::EC2::LaunchTemplate': async ({ physicalId }, { ec2 }) => {
    const request = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: physicalId, Versions: ['$Latest'] });
    const latest = (await unlessRefused(ec2.send(request)))?.LaunchTemplateVersions?.[0];
    return pick(latest, 'VersionNumber', 'LaunchTemplateData');
  },

  'AWS::AutoScaling::AutoScalingGroup': async ({ physicalId }, { autoScaling }) => {
    const request = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [physicalId] });
    const group = (await autoScaling.send(request)).AutoScalingGroups?.[0];
    return pick(
      group,
      'MinSize',
      'MaxSize',
      'LaunchTemplate',
      'VPCZoneIdentifier',
      'TargetGroupARNs',
      'HealthCheckType',
    );
  },

  'AWS::AutoScaling::LifecycleHook': async (hook, { autoScaling }) => {
    const group = hook.resolve(property(hook, 'AutoScalingGroupName')) ?? '';
    const request = new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group });
    const found = (await unlessRefused(autoScaling.send(request)))?.LifecycleHooks?.[0];
    return pick(found, 'LifecycleTransition', 'HeartbeatTimeout', 'DefaultResult');
  },

  'AWS::DLM::LifecyclePolicy': async ({ physicalId }, { dlm }) => {
    const answer = await unlessRefused(dlm.send(new GetLifecyclePolicyCommand({ PolicyId: physicalId })));
    return pick(answer?.Policy, 'State', 'PolicyDetails');
  },

  'AWS::ElasticLoadBalancingV2::LoadBalancer': async ({ physicalId }, { elb }) => {
    const answer = await unlessRefused(elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [physicalId] })));
    return pick(answer?.LoadBalancers?.[0], 'DNSName', 'Scheme', 'Type', 'IpAddressType', 'SecurityGroups');
  },

  'AWS::ElasticLoadBalancingV2::Listener': async ({ physicalId }, { elb }) => {
    const answer = await unlessRefused(elb.send(new DescribeListenersCommand({ ListenerArns: [physicalId] })));
    return pick(answer?.Listeners?.[0], 'LoadBalancerArn', 'Port', 'Protocol', 'SslPolicy', 'DefaultActions');
  },

  'AWS::ElasticLoadBalancingV2::TargetGroup': async ({ physicalId }, { elb }) => {
    const answer = await unlessRefused(elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [physicalId] })));
    return pick(answer?.TargetGroups?.[0], 'Port', 'Protocol', 'TargetType', 'HealthCheckPath', 'VpcId');
  },

  'AWS::IAM::Role': async ({ physicalId }, { iam }) => {
    const answer = await unlessRefused(iam.send(new GetRoleCommand({ RoleName: nameOf(physicalId) })));
    return pick(answer?.Role, 'Arn', 'AssumeRolePolicyDocument');
  },

  'AWS::IAM::Policy': async (policy, { iam }) => {
    const [role] = property(policy, 'Roles') as unknown[];
    const RoleName = nameOf(policy.resolve(role));
    // CloudFormation gives the physical id a form of its own; the policy bears the name in the template.
    const PolicyName = String(property(policy, 'PolicyName'));
    const answer = await unlessRefused(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })));
    return pick(answer, 'RoleName', 'PolicyDocument');
  },

  'AWS::IAM::ManagedPolicy': async ({ physicalId }, { iam }) => {
    const answer = await unlessRefused(iam.send(new GetPolicyCommand({ PolicyArn: physicalId })));
    return pick(answer?.Policy, 'Arn', 'DefaultVersionId');
  },

  'AWS::IAM::InstanceProfile': async ({ physicalId }, { iam }) => {
    const request = new GetInstanceProfileCommand({ InstanceProfileName: physicalId });
    const profile = (await unlessRefused(iam.send(request)))?.InstanceProfile;
    return profile && { Arn: profile.Arn, roles: profile.Roles?.map(({ RoleName }) => RoleName) };
  },

  'AWS::Lambda::Function': async ({ physicalId }, { lambda }) => {
    const request = new GetFunctionConfigurationCommand({ FunctionName: physicalId });
    return pick(await unlessRefused(lambda.send(request)), 'Runtime', 'Handler', 'Role', 'Timeout', 'MemorySize');
  },
  'Custom::DatabaseRoles': functionRan,
  'Custom::PhaseGate': functionRan,
};
