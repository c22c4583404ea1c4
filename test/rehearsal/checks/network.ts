import { DescribeNatGatewaysCommand, DescribeRouteTablesCommand } from '@aws-sdk/client-ec2';
import { parseCidr } from '../../../lib/facts/cidr';
import { keyOf } from '../identity';
import { type Check, type Observation, resourcesOf } from '../observation';
import type { StackResource } from '../stacks';

interface Subnet {
  readonly group: string;
  readonly cidr: string;
  readonly zone: string;
}

const GROUPS = ['public', 'app', 'data'] as const;

/** Nine subnets in three zones, with the planned masks, apart from each other and within the network. */
export const checkNetwork: Check = async (seen, evidence, aws) => {
  const { network, region } = seen.architecture;
  const vpcs = resourcesOf(seen, 'AWS::EC2::VPC');
  evidence.equal(
    'CIDR of the network',
    vpcs.map((vpc) => seen.live.get(keyOf(vpc))?.['CidrBlock']),
    [network.cidr],
  );
  const subnets = resourcesOf(seen, 'AWS::EC2::Subnet').map((resource) => subnetOf(seen, resource));
  const masks = { public: network.subnets.publicMask, app: network.subnets.appMask, data: network.subnets.dataMask };
  for (const group of GROUPS) {
    const members = subnets.filter((subnet) => subnet.group === group);
    const expected = Array.from({ length: network.subnets.zones }, () => masks[group]);
    evidence.equal(
      `masks of the ${group} subnets`,
      members.map(({ cidr }) => parseCidr(cidr)?.prefix),
      expected,
    );
    const zones = new Set(members.map(({ zone }) => zone));
    evidence.equal(`number of zones of the ${group} subnets`, zones.size, network.subnets.zones);
  }
  evidence.equal('number of subnets', subnets.length, GROUPS.length * network.subnets.zones);
  evidence.holds('two subnets overlap, or one lies outside the network', areApartWithin(subnets, network.cidr));
  if (network.availabilityZones !== undefined) {
    const zones = [...new Set(subnets.map(({ zone }) => zone))].sort();
    evidence.equal('names of the zones', zones, [...network.availabilityZones].sort());
  }

  const vpcId = vpcs[0]?.physicalId ?? '';
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }];
  const { RouteTables = [] } = await aws(region).ec2.send(new DescribeRouteTablesCommand({ Filters }));
  const own = RouteTables.filter(({ RouteTableId }) =>
    resourcesOf(seen, 'AWS::EC2::RouteTable').some(({ physicalId }) => physicalId === RouteTableId),
  );
  evidence.equal('number of route tables', own.length, subnets.length);
  for (const group of GROUPS) {
    const tables = own.filter(({ Tags }) =>
      Tags?.some(({ Key, Value }) => Key === 'Name' && Value?.includes(`/${group}Subnet`)),
    );
    const defaults = tables.map(({ Routes }) => Routes?.find((route) => route.DestinationCidrBlock === '0.0.0.0/0'));
    const ways = defaults.map((route) =>
      route?.GatewayId?.startsWith('igw-') ? 'internet' : route?.NatGatewayId ? 'gateway' : route ? 'instance' : 'none',
    );
    const way = group === 'public' ? 'internet' : group === 'data' ? 'none' : network.egress.kind;
    // A NAT instance's network interface is a phantom: its routes have no target to tell by.
    evidence.equal(
      `ways out of the ${group} subnets, IPv4`,
      ways,
      tables.map(() => way),
    );
  }
  for (const { Routes = [], RouteTableId } of own) {
    const local = Routes.find(({ GatewayId }) => GatewayId === 'local')?.DestinationCidrBlock;
    // The engine's fixed value is, by chance, right for a network that has exactly that range.
    const gap = network.cidr === '10.0.0.0/16' ? undefined : 'local route';
    evidence.equal(`local route of ${RouteTableId}`, local, network.cidr, gap);
  }

  const { NatGateways = [] } = await aws(region).ec2.send(new DescribeNatGatewaysCommand({}));
  const gateways = NatGateways.filter(({ State, VpcId }) => State === 'available' && VpcId === vpcId);
  const expected = network.egress.kind === 'gateway' ? network.egress.gateways : 0;
  evidence.equal('number of NAT gateways', new Set(gateways.map(({ SubnetId }) => SubnetId)).size, expected);
};

function subnetOf(seen: Observation, resource: StackResource): Subnet {
  const live = seen.live.get(keyOf(resource));
  const group = GROUPS.find((name) => resource.logicalId.includes(`${name}Subnet`)) ?? 'unknown';
  return { group, cidr: String(live?.['CidrBlock']), zone: String(live?.['AvailabilityZone']) };
}

function areApartWithin(subnets: readonly Subnet[], network: string): boolean {
  const ranges = [network, ...subnets.map(({ cidr }) => cidr)].map((text) => {
    const cidr = parseCidr(text);
    return cidr === undefined ? undefined : { start: cidr.address, end: cidr.address + 2 ** (32 - cidr.prefix) };
  });
  const [whole, ...parts] = ranges;
  const sorted = parts.filter((range) => range !== undefined).sort((a, b) => a.start - b.start);
  return (
    whole !== undefined &&
    sorted.length === subnets.length &&
    sorted.every((range, i) => {
      const end = sorted[i + 1]?.start ?? whole.end;
      return range.start >= whole.start && range.end <= end;
    })
  );
}
