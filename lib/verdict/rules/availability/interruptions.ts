import { isDeepStrictEqual } from 'node:util';
import { type Place, placeOf } from '../../../template/references';
import { rendered } from '../../../template/render-value';
import type { TemplateResource, Templates } from '../../../template/template';
import { nameOf, shortId } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';
import type { Finding } from '../../finding';
import type { Check } from '../../rule';
import { AVAILABILITY } from './availability';
import { drainsByItself, exchangedUnheld } from './hook-after-nodes';
import { wayOutChanged } from './ways-out';

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

/** Interruption that users or operators notice while a change is rolled out, with its reason. */
export interface Interruption extends Place {
  readonly name: string;
  readonly what: string;
  readonly because: string;
  readonly source?: string;
}

/** Interruption when a resource is removed or replaced, by type. */
const WHEN_GONE: Readonly<Record<string, string>> = {
  'AWS::CloudFront::Distribution': 'its domain name no longer answers',
  'AWS::ApiGateway::RestApi': 'its address no longer answers',
  'AWS::ApiGatewayV2::Api': 'its address no longer answers',
  'AWS::AppSync::GraphQLApi': 'its address no longer answers',
  'AWS::DocDB::DBInstance': 'connections to it end',
  'AWS::EC2::EIP':
    'the address is released: whoever still connects to it, or allows it, reaches somebody else from then on',
  'AWS::EC2::Instance': 'what runs on it ends, with its connections',
  'AWS::EC2::InternetGateway': 'nobody comes in from the internet, and what stands in public subnets gets no way out',
  'AWS::EC2::Subnet': 'what stands in it goes with it, connections and all',
  'AWS::EC2::VPC': 'everything in the network goes with it: nobody is answered there',
  'AWS::EC2::VPCGatewayAttachment': 'the network is cut off from the internet',
  'AWS::EC2::VPCEndpoint': 'calls to the service fail until the other way is open',
  'AWS::ECS::Service': 'its tasks stop, with their connections',
  'AWS::EKS::Cluster': 'what runs on it ends, with its connections',
  'AWS::ElasticLoadBalancing::LoadBalancer': 'connections through it end when it goes',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'connections through it end when it goes',
  'AWS::Lambda::Function': 'calls to it fail',
  'AWS::Lambda::Url': 'its address no longer answers',
  'AWS::Neptune::DBInstance': 'connections to it end',
  'AWS::RDS::DBInstance': 'connections to it end',
  'AWS::Route53::HostedZone': 'no name in it resolves any more',
  'AWS::Route53::RecordSet': 'the name no longer resolves',
};

/** Interruption when a resource is replaced, by type. */
const WHEN_REPLACED: Readonly<Record<string, string>> = {
  ...WHEN_GONE,
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'nodes register anew: requests fail until they are healthy there',
};

/** Interruption when a resource is removed and the one that it served stays, by type. */
const WHEN_MISSED: Readonly<Record<string, { readonly serves: string; readonly what: string }>> = {
  'AWS::AutoScaling::LifecycleHook': {
    serves: 'AutoScalingGroupName',
    what: 'nodes no longer drain: every connection is cut when its node leaves',
  },
  // Routes out over IPv4 are described by `wayOutChanged`.
  'AWS::EC2::Route': { serves: 'RouteTableId', what: 'its subnets no longer reach where it led' },
  'AWS::ElasticLoadBalancingV2::Listener': {
    serves: 'LoadBalancerArn',
    what: 'nobody is answered on its port any more',
  },
};

/** Changes in place that are noticed although nothing restarts. */
const WHEN_CHANGED: Readonly<Record<string, { readonly property: string; readonly what: string }>> = {
  'AWS::EC2::Volume': {
    property: 'Size',
    what: 'nothing now, and no more room either: its file system grows when its node boots again',
  },
  'AWS::Route53::RecordSet': {
    property: 'ResourceRecords',
    what: 'users follow as their resolvers forget: within the time to live of the record',
  },
};

/** Everything that interrupts, in the order of the changes. */
export function interruptions(
  changes: ReadonlyMap<string, ResourceChange>,
  before: Templates,
  after: Templates,
): Interruption[] {
  return [...changes.values()].flatMap((one) => {
    const { stack, id, type, change, effects, was, is } = one;
    const resource = is ?? was;
    if (resource === undefined || change === 'adds') return [];
    const place = { stack, id, name: nameOf(resource) };
    const fewer = lessAvailable(one).map(({ what, because }) => ({ ...place, what, because }));
    if (change === 'restarts') {
      const unheld = exchangedUnheld(one, changes, after);
      const found = restarts(effects).map((restart) => ({ ...place, ...restart, ...(unheld && { what: unheld }) }));
      return [...found, ...fewer];
    }
    const because =
      change === 'removes' ? 'it is removed' : change === 'replaces' ? replacedBecause(effects) : 'it leads elsewhere';
    const wayOut = wayOutChanged(one, before, after);
    if (wayOut !== undefined) return [{ ...place, what: wayOut, because }, ...fewer];
    const gone =
      follows(one, after) ??
      (change === 'replaces' ? WHEN_REPLACED : WHEN_GONE)[type] ??
      fleetGone(one) ??
      missed(one, after);
    if ((change === 'removes' || change === 'replaces') && gone !== undefined) {
      return [{ ...place, what: gone, because }, ...fewer];
    }
    const changed = WHEN_CHANGED[type];
    if (changed !== undefined && effects.some(({ property }) => property === changed.property)) {
      return [
        { ...place, what: changed.what, because: changed.property === 'Size' ? 'it is larger' : 'it leads elsewhere' },
        ...fewer,
      ];
    }
    return fewer;
  });
}

/** A hook that is a resource of its own refers to its group, and goes before it: nobody waits for its nodes then. */
function fleetGone({ type, was }: ResourceChange): string | undefined {
  if (type !== 'AWS::AutoScaling::AutoScalingGroup' || was === undefined) return undefined;
  return drainsByItself(was)
    ? 'its nodes leave after draining, for good'
    : 'its nodes leave at once, for good: their connections are cut';
}

function replacedBecause(effects: ResourceChange['effects']): string {
  const first = effects.find(({ effect }) => effect === 'replaces');
  return first === undefined ? 'it is replaced' : `${first.property} replaces it`;
}

/** A name that another record answers to afterwards goes on leading somewhere. */
function follows({ type, change, was }: ResourceChange, after: Templates): string | undefined {
  if (type !== 'AWS::Route53::RecordSet' || change !== 'removes') return undefined;
  const [name, kind] = ['Name', 'Type'].map((property) => rendered(was?.Properties?.[property]));
  const others = Object.values(after)
    .flatMap(({ Resources }) => Object.values(Resources))
    .filter(({ Type }) => Type === 'AWS::Route53::RecordSet');
  const other = others.find(
    ({ Properties = {} }) => rendered(Properties['Name']) === name && rendered(Properties['Type']) === kind,
  );
  if (other === undefined) return undefined;
  const [stack = ''] =
    Object.entries(after).find(([, { Resources }]) => Object.values(Resources).includes(other)) ?? [];
  const place = placeOf(other.Properties?.['ResourceRecords'], stack, after);
  const target = place && after[place.stack]?.Resources[place.id];
  const where = target === undefined ? 'elsewhere' : `to the ${nameOf(target)} ${shortId(place?.id ?? '')}`;
  return `the name leads ${where} from then on: users follow as their resolvers forget, within the time to live of the record`;
}

/** Interruption of each property: the next may keep users waiting for longer than the first. Repeated words are dropped. */
function restarts(effects: ResourceChange['effects']): Pick<Interruption, 'what' | 'because' | 'source'>[] {
  // A group of parameters goes with its engine: what the engine brings, it does not bring a second time.
  const isUpgraded = effects.some(({ property, effect }) => property === 'EngineVersion' && effect !== 'in place');
  const found = effects
    .filter(({ effect, property }) => effect === 'restarts' && !(isUpgraded && /ParameterGroupName$/.test(property)))
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
        remedy: 'leave one way in; to end the service, remove it from the configuration as a whole',
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

/** Interruption of a dependent that stays when the resource that served it is removed without a substitute. */
function missed({ stack, type, change, was }: ResourceChange, after: Templates): string | undefined {
  const rule = WHEN_MISSED[type];
  if (change !== 'removes' || rule === undefined || was === undefined) return undefined;
  const served = was.Properties?.[rule.serves];
  if (placeOf(served, stack, after) === undefined) return undefined;
  const others = Object.values(after[stack]?.Resources ?? {});
  const group = type === 'AWS::AutoScaling::LifecycleHook' ? placeOf(served, stack, after) : undefined;
  const itself = group && after[group.stack]?.Resources[group.id];
  if (itself !== undefined && drainsByItself(itself)) return undefined;
  return others.some((other) => other.Type === type && replaces(other, was, rule.serves)) ? undefined : rule.what;
}

function replaces(other: TemplateResource, was: TemplateResource, serves: string): boolean {
  const same = ['DestinationCidrBlock', 'DestinationIpv6CidrBlock', 'LifecycleTransition', 'Port', serves];
  return same.every((name) => isDeepStrictEqual(other.Properties?.[name], was.Properties?.[name]));
}
