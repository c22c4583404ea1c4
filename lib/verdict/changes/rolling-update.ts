import type { TemplateResource } from '../../template/template';
import { flagOf, numberOf } from '../../template/values';

interface UpdatePolicy {
  readonly AutoScalingRollingUpdate?: { readonly MinInstancesInService?: unknown; readonly MaxBatchSize?: unknown };
  readonly AutoScalingInstanceRefresh?: { readonly Preferences?: { readonly MinHealthyPercentage?: unknown } };
  readonly AutoScalingReplacingUpdate?: { readonly WillReplace?: unknown };
}

/**
 * How a group exchanges its nodes, and what users notice of it.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
 */
export function exchange(group: TemplateResource): string {
  const policy = (group['UpdatePolicy'] ?? {}) as UpdatePolicy;
  const wanted = numberOf(group.Properties?.['MinSize']) ?? 0;
  // CloudFormation lets this one go before a rolling update, when a policy holds both.
  if (flagOf(policy.AutoScalingReplacingUpdate?.WillReplace)) {
    return 'a second fleet starts beside the first; when it is well, all nodes of the first go at once, with their connections';
  }
  if (policy.AutoScalingInstanceRefresh !== undefined) return refresh(policy.AutoScalingInstanceRefresh, wanted);
  const rolling = policy.AutoScalingRollingUpdate;
  if (rolling === undefined) return 'none now: no update policy, so only nodes that start later are new';
  const least = numberOf(rolling.MinInstancesInService) ?? 0;
  const batch = numberOf(rolling.MaxBatchSize) ?? 1;
  if (least === 0 && wanted <= 1) return 'minutes: the only node goes before the new one comes';
  const pace = batch === 1 ? 'one at a time' : `${batch} at a time`;
  if (least >= wanted) return `none: nodes leave ${pace} after draining, the fleet stays full`;
  const fewer = Math.min(batch, wanted - least);
  return fewer >= wanted
    ? `minutes: all ${wanted} nodes go before new ones come`
    : `${fewer} of ${wanted} nodes less meanwhile; they leave ${pace} after draining`;
}

/**
 * Left out, nine tenths stay; at least one node goes at a time.
 *
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
 */
function refresh(
  { Preferences = {} }: NonNullable<UpdatePolicy['AutoScalingInstanceRefresh']>,
  wanted: number,
): string {
  const percentage = numberOf(Preferences.MinHealthyPercentage) ?? 90;
  if (percentage >= 100)
    return 'none: nodes leave after draining, once others have taken their place; the fleet stays full';
  const fewer = Math.max(1, wanted - Math.ceil((wanted * percentage) / 100));
  return wanted <= fewer
    ? 'minutes: all nodes go before new ones come'
    : `${fewer} of ${wanted} nodes less meanwhile; they leave after draining`;
}
