import { isDeepStrictEqual } from 'node:util';
import { type Place, placeOf } from '../../../template/references';
import type { TemplateResource, Templates } from '../../../template/template';
import { nameOf } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';
import { AVAILABILITY } from './availability';

export const OUTAGES: Check = {
  rules: [
    {
      id: 'service-outage',
      severity: 'refused',
      summary: 'No node, target, listener or database instance is left to answer.',
      why: 'Users get errors until another deployment.',
    },
  ],
  find: ({ changes }) => outages(changes),
};

/** What users or operators notice while a change is rolled out, and why. */
export interface Interruption extends Place {
  readonly name: string;
  readonly what: string;
  readonly because: string;
  readonly source?: string;
}

/** What is noticed when a resource goes, or is replaced by another of its kind. */
const WHEN_GONE: Readonly<Record<string, string>> = {
  'AWS::AutoScaling::AutoScalingGroup': 'its nodes leave after draining, for good',
  'AWS::CloudFront::Distribution': 'its domain name no longer answers',
  'AWS::DocDB::DBInstance': 'connections to it end',
  'AWS::EC2::EIP': 'the address is given back: who still calls it reaches nobody',
  'AWS::EC2::NatGateway': 'outgoing IPv4 connections through it are cut and must be made again',
  'AWS::EC2::VPCEndpoint': 'calls to the service fail until the other way is open',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'connections through it end when it goes',
  'AWS::Neptune::DBInstance': 'connections to it end',
  'AWS::RDS::DBInstance': 'connections to it end',
  'AWS::Route53::HostedZone': 'no name in it resolves any more',
  'AWS::Route53::RecordSet': 'the name no longer resolves',
};

/** What is noticed only when another takes its place. */
const WHEN_REPLACED: Readonly<Record<string, string>> = {
  ...WHEN_GONE,
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'nodes register anew: requests fail until they are healthy there',
};

/** What is noticed when a resource goes and the one that it served stays. */
const WHEN_MISSED: Readonly<Record<string, { readonly serves: string; readonly what: string }>> = {
  'AWS::AutoScaling::LifecycleHook': {
    serves: 'AutoScalingGroupName',
    what: 'nodes no longer drain: every connection is cut when its node leaves',
  },
  'AWS::EC2::Route': { serves: 'RouteTableId', what: 'its subnets no longer reach where it led' },
  'AWS::ElasticLoadBalancingV2::Listener': {
    serves: 'LoadBalancerArn',
    what: 'nobody is answered on its port any more',
  },
};

/** Changes in place that are noticed although nothing restarts. */
const WHEN_CHANGED: Readonly<Record<string, { readonly property: string; readonly what: string }>> = {
  'AWS::EC2::Route': {
    property: 'NatGatewayId',
    what: 'outgoing IPv4 connections of this subnet are cut and must be made again',
  },
  'AWS::Route53::RecordSet': {
    property: 'ResourceRecords',
    what: 'users follow as their resolvers forget: within the time to live of the record',
  },
};

/** Everything that interrupts, in the order of the changes. */
export function interruptions(changes: ReadonlyMap<string, ResourceChange>, after: Templates): Interruption[] {
  return [...changes.values()].flatMap((one) => {
    const { stack, id, type, change, effects, was, is } = one;
    const resource = is ?? was;
    if (resource === undefined || change === 'adds') return [];
    const place = { stack, id, name: nameOf(resource) };
    const fewer = lessAvailable(one).map(({ what, because }) => ({ ...place, what, because }));
    if (change === 'restarts') return [...restarts(effects).map((restart) => ({ ...place, ...restart })), ...fewer];
    const first = effects.find(({ effect }) => effect === 'replaces');
    const gone = (change === 'replaces' ? WHEN_REPLACED : WHEN_GONE)[type] ?? missed(one, after);
    if ((change === 'removes' || change === 'replaces') && gone !== undefined) {
      const because = change === 'removes' ? 'it is removed' : `${first?.property} replaces it`;
      return [{ ...place, what: gone, because }, ...fewer];
    }
    const changed = WHEN_CHANGED[type];
    if (changed !== undefined && effects.some(({ property }) => property === changed.property)) {
      return [{ ...place, what: changed.what, because: 'it leads elsewhere' }, ...fewer];
    }
    return fewer;
  });
}

/** What each property brings: the next may keep users waiting for longer than the first. The same is said once. */
function restarts(effects: ResourceChange['effects']): Pick<Interruption, 'what' | 'because' | 'source'>[] {
  const found = effects
    .filter(({ effect }) => effect === 'restarts')
    .map(({ property, interruption = 'it restarts', why, source }) => ({
      what: interruption,
      because: why ?? property,
      ...(source && { source }),
    }));
  return found.filter(({ what }, index) => found.findIndex((other) => other.what === what) === index);
}

/** Changes after which nobody is answered any more: they are not rolled out by accident. */
export function outages(changes: ReadonlyMap<string, ResourceChange>): Finding[] {
  return [...changes.values()].flatMap((one) =>
    lessAvailable(one)
      .filter(({ outage }) => outage)
      .map(({ what, because }) => ({
        severity: 'refused' as const,
        rule: 'service-outage',
        stack: one.stack,
        id: one.id,
        message: `${what}, because ${because}`,
        remedy: 'leave one way in; what is meant to end is taken out of the configuration as a whole',
      })),
  );
}

function lessAvailable({ type, was, is }: ResourceChange) {
  if (was === undefined || is === undefined) return [];
  return AVAILABILITY.filter((rule) => rule.type === type).flatMap(({ notices, because, outage }) => {
    const what = notices(was, is);
    return what === undefined ? [] : [{ what, because, outage: outage === true }];
  });
}

/** What the one notices whom a resource served, when that stays and nothing takes the place of what goes. */
function missed({ stack, type, change, was }: ResourceChange, after: Templates): string | undefined {
  const rule = WHEN_MISSED[type];
  if (change !== 'removes' || rule === undefined || was === undefined) return undefined;
  const served = was.Properties?.[rule.serves];
  if (placeOf(served, stack, after) === undefined) return undefined;
  const others = Object.values(after[stack]?.Resources ?? {});
  return others.some((other) => other.Type === type && replaces(other, was, rule.serves)) ? undefined : rule.what;
}

function replaces(other: TemplateResource, was: TemplateResource, serves: string): boolean {
  const same = ['DestinationCidrBlock', 'DestinationIpv6CidrBlock', 'LifecycleTransition', 'Port', serves];
  return same.every((name) => isDeepStrictEqual(other.Properties?.[name], was.Properties?.[name]));
}
