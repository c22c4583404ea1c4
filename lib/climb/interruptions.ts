import type { ResourceChange } from './comparison';
import type { Place } from './references';
import { nameOf } from './words';

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
  'AWS::EC2::EIP': 'the address is given back: who still calls it reaches nobody',
  'AWS::EC2::NatGateway': 'outgoing IPv4 connections through it are cut and must be made again',
  'AWS::EC2::VPCEndpoint': 'calls to the service fail until the other way is open',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'connections through it end when it goes',
  'AWS::RDS::DBInstance': 'connections to it end',
  'AWS::Route53::RecordSet': 'the name no longer resolves',
};

/** What is noticed only when another takes its place. */
const WHEN_REPLACED: Readonly<Record<string, string>> = {
  ...WHEN_GONE,
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'nodes register anew: requests fail until they are healthy there',
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
export function interruptions(changes: ReadonlyMap<string, ResourceChange>): Interruption[] {
  return [...changes.values()].flatMap((one) => {
    const { stack, id, type, change, effects, was, is } = one;
    const resource = is ?? was;
    if (resource === undefined || change === 'adds') return [];
    const place = { stack, id, name: nameOf(resource) };
    const [first] = effects.filter(({ effect }) => effect === (change === 'replaces' ? 'replaces' : 'restarts'));
    if (change === 'restarts' && first !== undefined) {
      const { property, interruption, why, source } = first;
      return [{ ...place, what: interruption ?? 'it restarts', because: why ?? property, ...(source && { source }) }];
    }
    const gone = (change === 'replaces' ? WHEN_REPLACED : WHEN_GONE)[type];
    if ((change === 'removes' || change === 'replaces') && gone !== undefined) {
      return [
        { ...place, what: gone, because: change === 'removes' ? 'it is removed' : `${first?.property} replaces it` },
      ];
    }
    const changed = WHEN_CHANGED[type];
    if (changed !== undefined && effects.some(({ property }) => property === changed.property)) {
      return [{ ...place, what: changed.what, because: 'it leads elsewhere' }];
    }
    return [];
  });
}
