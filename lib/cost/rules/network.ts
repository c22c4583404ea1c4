import type { TemplateResource } from '../../template/template';
import { inside, isTree, listInside } from '../../template/values';
import { ASSUMED, HOURS, SECONDS } from '../assumptions';
import type { Asked, Part, Rules } from '../item';

export const NETWORK: Rules = {
  'AWS::EC2::EIP': () => [
    { what: 'public address', price: 'vpc.ipv4', quantity: HOURS, tier: 'network', kind: 'fixed' },
  ],
  'AWS::EC2::NatGateway': natGateway,
  'AWS::EC2::VPCEndpoint': endpoint,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancer,
  'AWS::CloudFront::Distribution': distribution,
  'AWS::WAFv2::WebACL': firewall,
  'AWS::Route53::HostedZone': () => [
    { what: 'hosted zone', price: 'route53.zone', quantity: 1, tier: 'network', kind: 'fixed' },
  ],
};

function natGateway({ survey }: Asked): Part[] {
  const gateways = survey.of('AWS::EC2::NatGateway').length;
  const gb = (survey.nodes * ASSUMED.natGBPerNode) / gateways;
  return [
    { what: 'NAT gateway', price: 'vpc.nat', quantity: HOURS, tier: 'network', kind: 'fixed' },
    { what: 'data through NAT', price: 'vpc.nat-gb', quantity: gb, tier: 'network', kind: 'usage' },
  ];
}

/** A gateway endpoint costs nothing; an interface endpoint costs an hour in each subnet. */
function endpoint({ resource, survey }: Asked): Part[] {
  if (resource.Properties?.['VpcEndpointType'] !== 'Interface') return [];
  const subnets = inside(resource, 'SubnetIds');
  if (!Array.isArray(subnets)) return [{ unknown: 'its subnets are known to CloudFormation only' }];
  const gb = survey.nodes * ASSUMED.endpointGBPerNode;
  const what = `interface endpoint in ${subnets.length} zones`;
  return [
    { what, price: 'vpc.endpoint', quantity: subnets.length * HOURS, tier: 'network', kind: 'fixed' },
    { what: 'data through endpoints', price: 'vpc.endpoint-gb', quantity: gb, tier: 'network', kind: 'usage' },
  ];
}

/**
 * Load that one unit of capacity covers; the dimension that asks for most is billed. Bytes are those of requests and of
 * responses.
 * Source: https://aws.amazon.com/elasticloadbalancing/pricing/ as public copies quote it (2026-10-01)
 */
const UNITS = {
  alb: { newConnections: 25, activeConnections: 3000, gbPerHour: 1 },
  nlb: { newConnections: 800, activeConnections: 100_000, gbPerHour: 1 },
} as const;

function loadBalancer({ resource, survey }: Asked): Part[] {
  const type = resource.Properties?.['Type'] ?? 'application';
  if (type !== 'application' && type !== 'network')
    return [{ unknown: `there is no price for a load balancer of type ${String(type)}` }];
  const kind = type === 'application' ? 'alb' : 'nlb';
  const unit = UNITS[kind];
  const newConnections = survey.originRequests / SECONDS / ASSUMED.requestsPerConnection;
  const units = Math.max(
    newConnections / unit.newConnections,
    (survey.averageConnections + newConnections) / unit.activeConnections,
    (survey.inGB + survey.originGB) / HOURS / unit.gbPerHour,
  );
  const name = type === 'application' ? 'Application Load Balancer' : 'Network Load Balancer';
  const tier = 'load balancing';
  return [
    { what: name, price: `elb.${kind}`, quantity: HOURS, tier, kind: 'fixed' },
    { what: 'capacity units', price: `elb.${kind}-lcu`, quantity: units * HOURS, tier, kind: 'usage' },
    ...publicAddresses(resource),
  ];
}

/**
 * Public IPv4 addresses of a load balancer that the internet reaches: one in each zone, of a Network Load Balancer for good, of
 * an Application Load Balancer at least, as it adds nodes when traffic grows. Every one that AWS provides is billed; an Elastic IP
 * address that the template names is billed by itself.
 * Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html ("provides one Elastic IP
 * address per subnet for you"), https://aws.amazon.com/blogs/networking-and-content-delivery/identify-and-optimize-public-ipv4-address-usage-on-aws/
 * ("The new charges apply to all public IPv4 address types—except BYOIP"), in public copies (read 2026-11-30)
 */
function publicAddresses(resource: TemplateResource): Part[] {
  const { Properties = {} } = resource;
  const scheme = Properties['Scheme'] ?? 'internet-facing';
  if (scheme === 'internal') return [];
  if (scheme !== 'internet-facing')
    return [{ unknown: 'whether it has public addresses is known to CloudFormation only' }];
  if (Properties['IpAddressType'] === 'dualstack-without-public-ipv4') return [];
  const [subnets, mappings] = [Properties['Subnets'], Properties['SubnetMappings']];
  const zones = Array.isArray(mappings) ? mappings : subnets;
  if (!Array.isArray(zones)) return [{ unknown: 'its zones, each with a public address, are not in the template' }];
  const count = zones.filter((zone: unknown) => !isTree(zone) || zone['AllocationId'] === undefined).length;
  const what = `public addresses in ${count} zones`;
  return count === 0 ? [] : [{ what, price: 'vpc.ipv4', quantity: count * HOURS, tier: 'network', kind: 'fixed' }];
}

function distribution({ survey }: Asked): Part[] {
  const share = 1 / survey.of('AWS::CloudFront::Distribution').length;
  const toOrigin = survey.isDirect ? 0 : survey.inGB;
  const edge = { tier: 'edge', kind: 'usage' } as const;
  return [
    { what: 'requests', price: 'cloudfront.https', quantity: survey.edgeRequests * share, ...edge },
    { what: 'data to users', price: 'cloudfront.out', quantity: survey.edgeGB * share, ...edge },
    { what: 'data to the origin', price: 'cloudfront.origin', quantity: toOrigin * share, ...edge },
  ];
}

function firewall({ resource, survey }: Asked): Part[] {
  const rules = listInside(resource, 'Rules').length;
  const requests = resource.Properties?.['Scope'] === 'CLOUDFRONT' ? survey.edgeRequests : survey.originRequests;
  const edge = { tier: 'edge', kind: 'fixed' } as const;
  return [
    { what: 'firewall', price: 'waf.acl', quantity: 1, ...edge },
    { what: `${rules} rules of the firewall`, price: 'waf.rule', quantity: rules, ...edge },
    { what: 'requests inspected', price: 'waf.requests', quantity: requests, ...edge, kind: 'usage' },
  ];
}
