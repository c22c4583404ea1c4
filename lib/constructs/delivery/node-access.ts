import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { ITargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { DeliveryPlan } from '../../architecture/automation';
import { CODEDEPLOY_AGENT } from '../../node/codedeploy-agent';
import { allow } from '../../policies/allow';
import type { NodeFleet } from '../compute/node-fleet';
import { RELEASE_PREFIXES } from '../storage/release-prefixes';
import { letReadBundles } from './artifacts';
import { IN_SERVICE } from './deployments';

export interface ReceivingProps {
  readonly environment: string;
  /** Bucket of releases. */
  readonly bucket: s3.IBucket;
  /** From phase 4: how the pipeline brings them to nodes. */
  readonly mode?: DeliveryPlan['mode'];
  /** Target groups of the fleet, when users come to it. */
  readonly targetGroups?: readonly ITargetGroup[];
}

/** Opens to the nodes of a fleet what they need to take releases, in the mode in which they get them. */
export function letTakeReleases(
  fleet: NodeFleet,
  { environment, bucket, mode, targetGroups = [] }: ReceivingProps,
): void {
  letBootReleases(fleet, bucket);
  if (targetGroups.length > 0) letLeaveLoadBalancer(fleet, targetGroups);
  if (mode !== undefined && mode !== 'blue-green') letBeDeployed(fleet, bucket, environment);
}

/** Lets nodes boot the releases of the environment, whichever runs. */
function letBootReleases(fleet: NodeFleet, bucket: s3.IBucket): void {
  allow(fleet.role, {
    actions: ['s3:GetObject'],
    resources: [bucket.arnForObjects(`${RELEASE_PREFIXES.releases}/*`)],
    wildcardsBecause: 'Each release has a name of its own, and the last deployment decides which runs.',
  });
}

/** Lets CodeDeploy's agent on the nodes do its work: fetch itself, and the bundles of deployments. */
function letBeDeployed(fleet: NodeFleet, bucket: s3.IBucket, environment: string): void {
  const stack = Stack.of(fleet);
  letReadBundles(fleet.role, bucket, environment);
  letSayThatItServes(fleet);
  // Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/resource-kit.html (2026-11-21)
  const agent = Arn.format(
    {
      service: 's3',
      region: '',
      account: '',
      resource: `aws-codedeploy-${stack.region}/${CODEDEPLOY_AGENT}`,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    },
    stack,
  );
  allow(fleet.role, { actions: ['s3:GetObject'], resources: [agent] });
}

/**
 * Lets a node tell CodeDeploy whether it is in service, by one tag of its own. Of the keys that the condition compares, the
 * one stands for who asks, the other for what is tagged: `AWSEC2VssSnapshotPolicy` of AWS does it so.
 */
function letSayThatItServes(fleet: NodeFleet): void {
  const instances = (id: string): string =>
    Stack.of(fleet).formatArn({ service: 'ec2', resource: 'instance', resourceName: id });
  allow(fleet.role, {
    actions: ['ec2:CreateTags'],
    resources: [instances('*')],
    conditions: {
      ArnLike: { 'ec2:SourceInstanceARN': instances('${ec2:InstanceID}') },
      'ForAllValues:StringEquals': { 'aws:TagKeys': [IN_SERVICE] },
      StringEquals: { [`aws:RequestTag/${IN_SERVICE}`]: ['yes', 'no'] },
    },
    wildcardsBecause: 'Auto Scaling makes up the ids of instances; the condition leaves a node its own.',
  });
}

/** Lets a node leave its load balancer and join it again by itself, in a rollout or a deployment. */
function letLeaveLoadBalancer(fleet: NodeFleet, targetGroups: readonly ITargetGroup[]): void {
  allow(fleet.role, {
    actions: ['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'],
    resources: targetGroups.map(({ targetGroupArn }) => targetGroupArn),
  });
  allow(fleet.role, {
    actions: ['elasticloadbalancing:DescribeTargetHealth'],
    resources: ['*'],
    wildcardsBecause: 'Describing knows no resource-level permissions.',
  });
}
