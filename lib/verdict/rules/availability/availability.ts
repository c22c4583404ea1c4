import { counted } from '../../../template/counted';
import type { TemplateResource } from '../../../template/template';
import { flagOf, inside, isOn, numberOf, property } from '../../../template/values';

/** A change in place that leaves fewer to answer, or nobody. */
interface AvailabilityRule {
  readonly type: string;
  /** Interruption that users notice; undefined for any other change. */
  readonly notices: (was: TemplateResource, is: TemplateResource) => string | undefined;
  readonly because: string;
  /** Nobody is answered any more: refused, since nothing but taking it back helps. */
  readonly outage?: true;
}

const FLEET = 'AWS::AutoScaling::AutoScalingGroup';
const CACHE = 'AWS::ElastiCache::ReplicationGroup';

const size = (name: string) => (resource: TemplateResource) => numberOf(property(name)(resource));
const [least, most, wanted] = [size('MinSize'), size('MaxSize'), size('DesiredCapacity')];
const listed = (name: string) => (resource: TemplateResource) => {
  const value = property(name)(resource);
  return Array.isArray(value) ? value.length : 0;
};
const targets = listed('TargetGroupARNs');
const subnets = listed('VPCZoneIdentifier');

const cutAfter = (after: number, before: number): string =>
  `connections that take longer than ${after} s to leave a node are cut (${before} s before)`;

/** Seconds that a hook of the group itself waits for a node that ends; undefined without one. */
function drainHeartbeat(group: TemplateResource): number | undefined {
  const hooks = property('LifecycleHookSpecificationList')(group);
  const found = (Array.isArray(hooks) ? hooks : []) as { LifecycleTransition?: unknown; HeartbeatTimeout?: unknown }[];
  const hook = found.find(({ LifecycleTransition }) => /TERMINATING$/.test(String(LifecycleTransition)));
  return hook && (numberOf(hook.HeartbeatTimeout) ?? 3600);
}

/** A flag that goes off. */
const turnedOff =
  (read: (resource: TemplateResource) => unknown, what: string) => (was: TemplateResource, is: TemplateResource) =>
    flagOf(read(was)) && !flagOf(read(is)) ? what : undefined;

export const AVAILABILITY: readonly AvailabilityRule[] = [
  {
    type: FLEET,
    notices: (was, is) =>
      (most(was) ?? 1) > 0 && (most(is) === 0 || wanted(is) === 0) ? 'no node is left: nobody is answered' : undefined,
    because: 'its MaxSize or desired capacity is 0',
    outage: true,
  },
  {
    type: FLEET,
    notices: (was, is) => (targets(was) > 0 && targets(is) === 0 ? 'no request reaches its nodes any more' : undefined),
    because: 'it is in no target group',
    outage: true,
  },
  {
    type: FLEET,
    notices: (was, is) => {
      const [before, after] = [least(was) ?? 0, most(is) ?? 0];
      return after > 0 && after < before
        ? `at least ${before - after} of ${counted(before, 'node')} leave at once, after draining; ${after === 1 ? '1 carries' : `${after} carry`} what they carried`
        : undefined;
    },
    because: 'its MaxSize is below its MinSize of before',
  },
  {
    type: FLEET,
    notices: (was, is) => {
      const [before, after] = [least(was) ?? 0, least(is) ?? 0];
      if (after >= before || most(is) === 0) return undefined;
      if (after === 0) return 'may scale in to no node at all; the first request then waits for a boot';
      const spare =
        after === 1 && before > 1 ? ', and when that one fails nobody is answered until another has booted' : '';
      return `may scale in from ${counted(before, 'node')} to ${after}; they leave after draining${spare}`;
    },
    because: 'its MinSize is lowered',
  },
  {
    type: FLEET,
    notices: (was, is) => {
      const [before, after] = [subnets(was), subnets(is)];
      if (after === 0 || after >= before) return undefined;
      return after === 1
        ? 'nothing now; the failure of its one zone takes all of its nodes'
        : 'nothing now; the failure of one zone takes more of its nodes';
    },
    because: 'it is in fewer zones',
  },
  {
    type: 'AWS::CloudFront::Distribution',
    notices: turnedOff(
      (resource) => inside(resource, 'DistributionConfig', 'Enabled'),
      'its domain name answers nobody any more',
    ),
    because: 'it is disabled',
    outage: true,
  },
  {
    type: 'AWS::WAFv2::WebACL',
    notices: (was, is) =>
      inside(was, 'DefaultAction', 'Allow') !== undefined && inside(is, 'DefaultAction', 'Block') !== undefined
        ? 'everybody is turned away whom no rule lets in'
        : undefined,
    because: 'its default is to block',
    outage: true,
  },
  {
    type: 'AWS::RDS::DBInstance',
    notices: turnedOff(
      property('MultiAZ'),
      'nothing now; the next failure or maintenance means minutes without the database, or more',
    ),
    because: 'it has no standby any more',
  },
  {
    type: CACHE,
    notices: turnedOff(
      property('AutomaticFailoverEnabled'),
      'nothing now; when its primary fails, writes fail until people step in',
    ),
    because: 'it no longer fails over by itself',
  },
  {
    type: CACHE,
    notices: turnedOff(property('MultiAZEnabled'), 'nothing now; the failure of one zone may take all of its nodes'),
    because: 'its nodes may all be in one zone',
  },
  {
    type: CACHE,
    notices: (was, is) => {
      const [before, after] = [was, is].map((one) => numberOf(property('NumCacheClusters')(one)) ?? 1);
      return before !== undefined && after !== undefined && after < before
        ? `${before - after} of ${counted(before, 'node')} ${before - after === 1 ? 'goes' : 'go'}: reads from them are cut${after === 1 ? ', and no spare is left' : ''}`
        : undefined;
    },
    because: 'it has fewer nodes',
  },
  {
    type: FLEET,
    notices: (was, is) => {
      const [before, after] = [drainHeartbeat(was), drainHeartbeat(is)];
      if (before === undefined) return undefined;
      if (after === undefined) return 'nodes no longer drain: every connection is cut when its node leaves';
      return after < before ? cutAfter(after, before) : undefined;
    },
    because: 'nodes are waited for less long when they drain',
  },
  {
    type: 'AWS::AutoScaling::LifecycleHook',
    notices: (was, is) => {
      const [before, after] = [was, is].map((one) => numberOf(property('HeartbeatTimeout')(one)) ?? 3600);
      return before !== undefined && after !== undefined && after < before ? cutAfter(after, before) : undefined;
    },
    because: 'nodes are waited for less long when they drain',
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    notices: (was, is) => {
      const [before, after] = [was, is].map((one) => listed('Subnets')(one));
      return before !== undefined && after !== undefined && after < before
        ? 'connections through the zones it leaves end'
        : undefined;
    },
    because: 'it is in fewer zones',
  },
  {
    type: 'AWS::Lambda::EventSourceMapping',
    notices: (was, is) =>
      property('Enabled')(was) !== false && property('Enabled')(is) === false
        ? 'what is queued is left lying'
        : undefined,
    because: 'it no longer reads',
  },
  {
    type: 'AWS::EC2::VPC',
    notices: (was, is) =>
      isOn('EnableDnsSupport')(was) > isOn('EnableDnsSupport')(is) ? 'no name resolves inside the network' : undefined,
    because: 'its resolver is turned off',
    outage: true,
  },
];
