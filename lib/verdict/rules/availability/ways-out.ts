import { memoized } from '../../../template/memoized';
import { placeOf } from '../../../template/references';
import { rendered } from '../../../template/render-value';
import type { TemplateResource, Templates } from '../../../template/template';
import { nameOf } from '../../../template/type-names';
import type { ResourceChange } from '../../changes/comparison';

const ROUTE = 'AWS::EC2::Route';
const NAT_GATEWAY = 'AWS::EC2::NatGateway';

/** Everything outside, over IPv4. */
const OUTSIDE = '0.0.0.0/0';

/** Route targets with a private address on their inner side. */
const WAYS = [
  'NatGatewayId',
  'NetworkInterfaceId',
  'InstanceId',
  'TransitGatewayId',
  'VpcPeeringConnectionId',
] as const;

/**
 * Interruption by a change of the IPv4 way out of private subnets: of the route, or of its target. Undefined for any other
 * change.
 */
export function wayOutChanged(
  { stack, type, was, is, change }: ResourceChange,
  before: Templates,
  after: Templates,
): string | undefined {
  if (was === undefined || change === 'adds') return undefined;
  const [had, has] = [waysIn(before), waysIn(after)];
  if (type === NAT_GATEWAY || nameOf(was) === 'NAT instance') {
    if (is !== undefined && change !== 'replaces') return undefined;
    if (has.size === 0)
      return 'outgoing IPv4 connections through it end, and none can be made again: no route leads out';
    return 'outgoing IPv4 connections through it are cut; what is made again comes from another address, which others may have to let in';
  }
  if (type === 'AWS::EC2::VPCEndpoint' && change === 'removes' && has.size > 0) {
    return 'open calls to the service are cut; from then on they take the way out of the network';
  }
  if (type !== ROUTE || rendered(was.Properties?.['DestinationCidrBlock']) !== OUTSIDE) return undefined;
  const wayBefore = wayOf(was);
  if (wayBefore === undefined) return undefined;
  const table = rendered(was.Properties?.['RouteTableId']);
  const instead = Object.values(after[stack]?.Resources ?? {}).find(
    (other) =>
      other.Type === ROUTE &&
      rendered(other.Properties?.['RouteTableId']) === table &&
      rendered(other.Properties?.['DestinationCidrBlock']) === OUTSIDE,
  );
  const wayAfter = instead && wayOf(instead);
  if (wayAfter === undefined) {
    const stays = placeOf(was.Properties?.['RouteTableId'], stack, after) !== undefined;
    return stays
      ? 'outgoing IPv4 connections of its subnets end, and none can be made again: no other route leads out'
      : undefined;
  }
  if (wayAfter === wayBefore) return undefined;
  const isWeaker = wayBefore.startsWith('NatGatewayId') && !wayAfter.startsWith('NatGatewayId');
  const single =
    has.size === 1 && (isWeaker || had.size > 1)
      ? '; when the one way out that is left fails, or its zone, all subnets are without'
      : '';
  return `outgoing IPv4 connections of its subnets are cut; what is made again comes from another address, which others may have to let in${single}`;
}

/** The ways out that routes lead to, each once. */
const waysIn = memoized(
  (templates: Templates): ReadonlySet<string> =>
    new Set(
      Object.entries(templates).flatMap(([stack, { Resources }]) =>
        Object.values(Resources).flatMap((resource) => {
          if (resource.Type !== ROUTE || rendered(resource.Properties?.['DestinationCidrBlock']) !== OUTSIDE) return [];
          const way = wayOf(resource);
          return way === undefined ? [] : [`${stack} ${way}`];
        }),
      ),
    ),
);

function wayOf({ Properties = {} }: TemplateResource): string | undefined {
  const name = WAYS.find((one) => Properties[one] !== undefined);
  return name === undefined ? undefined : `${name} ${rendered(Properties[name])}`;
}
