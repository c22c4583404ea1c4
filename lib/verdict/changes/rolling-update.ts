import { counted } from '../../template/counted';
import type { TemplateResource } from '../../template/template';
import { flagOf, numberOf } from '../../template/values';

interface UpdatePolicy {
  readonly AutoScalingRollingUpdate?: {
    readonly MinInstancesInService?: unknown;
    readonly MaxBatchSize?: unknown;
    readonly SuspendProcesses?: unknown;
  };
  readonly AutoScalingInstanceRefresh?: { readonly Preferences?: { readonly MinHealthyPercentage?: unknown } };
  readonly AutoScalingReplacingUpdate?: { readonly WillReplace?: unknown };
}

/**
 * Words of interruptions during which users are served: nothing happens, or some of several nodes are away. They are kept
 * here, beside the sentences that begin so.
 */
export const STILL_SERVED = /^(none\b|nothing now|(up to )?\d+ of (up to )?\d+ nodes? less meanwhile)/;

/** Least and greatest size of a group: an update may find any number of nodes between. */
interface Size {
  readonly least: number;
  readonly most: number;
}

/**
 * Describes the rolling update of a group and what users notice of it, for the greatest number of nodes that may be
 * running: they go in batches, down to the number that must stay in service.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
 */
export function exchange(group: TemplateResource): string {
  const policy = (group['UpdatePolicy'] ?? {}) as UpdatePolicy;
  const minimum = numberOf(group.Properties?.['MinSize']) ?? 0;
  const size: Size = { least: minimum, most: Math.max(minimum, numberOf(group.Properties?.['MaxSize']) ?? minimum) };
  // CloudFormation lets this one go before a rolling update, when a policy holds both.
  if (flagOf(policy.AutoScalingReplacingUpdate?.WillReplace)) {
    return 'a second fleet starts beside the first; when it is well, all nodes of the first go at once, with their connections';
  }
  if (policy.AutoScalingInstanceRefresh !== undefined) return refresh(policy.AutoScalingInstanceRefresh, size);
  const rolling = policy.AutoScalingRollingUpdate;
  if (rolling === undefined) return 'none now: no update policy, so only nodes that start later are new';
  const serving = numberOf(rolling.MinInstancesInService) ?? 0;
  const batch = numberOf(rolling.MaxBatchSize) ?? 1;
  if (serving === 0 && size.most <= 1) return 'minutes: the only node goes before the new one comes';
  const pace = batch === 1 ? 'one at a time' : `${batch} at a time`;
  if (serving >= size.most) return `none: nodes leave ${pace} after draining, the fleet stays full`;
  const fewer = Math.min(batch, size.most - serving);
  const suspended = [rolling.SuspendProcesses ?? []].flat().includes('AlarmNotification');
  const scaling = suspended && size.most > size.least ? ', and nothing scales meanwhile' : '';
  return fewer >= size.most
    ? `minutes: all ${counted(size.most, 'node')} go before new ones come`
    : `${fewerOf(fewer, size)}; they leave ${pace} after draining${scaling}`;
}

function fewerOf(fewer: number, { least, most }: Size): string {
  return least === most
    ? `${fewer} of ${counted(most, 'node')} less meanwhile`
    : `up to ${fewer} of up to ${counted(most, 'node')} less meanwhile`;
}

/**
 * Left out, nine tenths stay; at least one node goes at a time.
 *
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
 */
function refresh({ Preferences = {} }: NonNullable<UpdatePolicy['AutoScalingInstanceRefresh']>, size: Size): string {
  const percentage = numberOf(Preferences.MinHealthyPercentage) ?? 90;
  if (percentage >= 100)
    return 'none: nodes leave after draining, once others have taken their place; the fleet stays full';
  const fewer = Math.max(1, size.most - Math.ceil((size.most * percentage) / 100));
  return size.most <= fewer
    ? 'minutes: all nodes go before new ones come'
    : `${fewerOf(fewer, size)}; they leave after draining`;
}
