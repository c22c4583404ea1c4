import { ArnFormat, type CfnElement, Stack } from 'aws-cdk-lib';
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { allow } from '../../policies/allow';

/** A group's logical id, by which its instances tell CloudFormation that they are ready. */
export function logicalIdOf(group: autoscaling.AutoScalingGroup): string {
  return Stack.of(group).resolve((group.node.defaultChild as CfnElement).logicalId) as string;
}

/**
 * Lets an instance tell its group that its launch or its drain is over, where hooks hold it back. Signals the group
 * allows itself, and an instance that is not well shuts down: for that it needs no permission, and the group replaces
 * what does not run at once, also in the grace period
 * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html, 2026-11-29). With
 * `autoscaling:SetInstanceHealth` it could end every other node of its group.
 */
export function letFinishHooks(role: iam.Role, group: autoscaling.AutoScalingGroup): void {
  allow(role, {
    actions: ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'],
    ...own(group),
  });
}

/** Lets an instance say that it must not be taken away now, while a job is under way. */
export function letProtectItself(role: iam.Role, group: autoscaling.AutoScalingGroup): void {
  allow(role, { actions: ['autoscaling:SetInstanceProtection'], ...own(group) });
}

/** CloudFormation names a group <stack>-<logical id>-<random>; a reference would close a circle with the role. */
function own(group: autoscaling.AutoScalingGroup) {
  const stack = Stack.of(group);
  const arn = stack.formatArn({
    service: 'autoscaling',
    resource: 'autoScalingGroup',
    resourceName: `*:autoScalingGroupName/${stack.stackName}-${logicalIdOf(group)}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return {
    resources: [arn],
    wildcardsBecause:
      'The name of the own group ends in what CloudFormation makes up. Permissions know groups, not instances: one node could say these things of another.',
  };
}
