import { parseCidr } from '../../facts/cidr';
import { keyOf, type Place } from '../../template/references';
import type { TemplateResource, Templates } from '../../template/template';
import { flagOf, inside, numberOf } from '../../template/values';
import type { Consumer } from './consumers';
import { groupsIn } from './reach';

/**
 * Addresses of a subnet that AWS keeps.
 * Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (not opened)
 */
const KEPT = 5;

/**
 * Addresses that a load balancer wants to be free in each of its subnets, to scale.
 * Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer (not opened)
 */
const LOAD_BALANCER = 8;

/** A subnet, with all the addresses that may be asked of it. */
export interface SubnetUse extends Place {
  readonly most: number;
  readonly wanted: number;
  /** The one that asks for most of them. */
  readonly by: readonly Place[];
}

interface Demand extends Place {
  readonly subnets: readonly string[];
  /** Addresses in each of the subnets. */
  readonly each: number;
}

/** Subnets of known ranges, with what everything that stands in them may come to. */
export function subnetUses(templates: Templates, consumers: readonly Consumer[]): SubnetUse[] {
  const demands = [
    ...consumers
      .filter(({ subnets }) => subnets.length > 0)
      .map((one) => ({ ...one, each: spread(one.most, one.subnets.length) })),
    ...standing(templates),
  ];
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
      const range = Type === 'AWS::EC2::Subnet' ? Properties['CidrBlock'] : undefined;
      const cidr = typeof range === 'string' ? parseCidr(range) : undefined;
      if (cidr === undefined) return [];
      const inIt = demands.filter(({ subnets }) => subnets.includes(keyOf({ stack, id })));
      const wanted = inIt.reduce((sum, { each }) => sum + each, 0);
      const by = [...inIt].sort((a, b) => b.each - a.each).slice(0, 1);
      return [{ stack, id, most: 2 ** (32 - cidr.prefix) - KEPT, wanted, by }];
    }),
  );
}

function spread(count: number, over: number): number {
  return Math.ceil(count / Math.max(1, over));
}

/** Everything that does not scale and takes addresses all the same. */
function standing(templates: Templates): Demand[] {
  const groups = subnetGroups(templates);
  const members = new Map<string, { readonly place: Place; count: number }>();
  const demands: Demand[] = [];
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const [id, resource] of Object.entries(Resources)) {
      const place = { stack, id };
      const { Type, Properties = {} } = resource;
      if (Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer')
        demands.push({ ...place, subnets: groupsIn(Properties['Subnets'], stack, templates), each: LOAD_BALANCER });
      if (Type === 'AWS::EC2::VPCEndpoint')
        demands.push({ ...place, subnets: groupsIn(Properties['SubnetIds'], stack, templates), each: 1 });
      const [group] = groupsIn([groupOf(resource)], stack, templates);
      if (group === undefined) continue;
      const known = members.get(group) ?? { place, count: 0 };
      known.count += instances(resource);
      members.set(group, known);
    }
  }
  for (const [group, { place, count }] of members) {
    const subnets = groups.get(group) ?? [];
    demands.push({ ...place, subnets, each: spread(count, subnets.length) });
  }
  return demands;
}

function groupOf({ Properties = {} }: TemplateResource): unknown {
  return Properties['DBSubnetGroupName'] ?? Properties['CacheSubnetGroupName'];
}

function instances({ Type, Properties = {}, ...rest }: TemplateResource): number {
  if (Type === 'AWS::RDS::DBInstance') return flagOf(Properties['MultiAZ']) ? 2 : 1;
  if (Type !== 'AWS::ElastiCache::ReplicationGroup') return 0;
  const shards = numberOf(Properties['NumNodeGroups']) ?? 1;
  const each = 1 + (numberOf(inside({ Type, Properties, ...rest }, 'ReplicasPerNodeGroup')) ?? 0);
  return numberOf(Properties['NumCacheClusters']) ?? shards * each;
}

function subnetGroups(templates: Templates): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const [id, { Type, Properties = {} }] of Object.entries(Resources)) {
      if (/^AWS::(RDS::DB|ElastiCache::|DocDB::DB|Neptune::DB)SubnetGroup$/.test(Type))
        found.set(keyOf({ stack, id }), groupsIn(Properties['SubnetIds'], stack, templates));
    }
  }
  return found;
}
