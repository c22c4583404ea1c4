import type { NetworkRule } from '../../../template/network-rules';
import { keyOf, placeOf } from '../../../template/references';
import type { Templates } from '../../../template/template';

/** Ports that users connect to: HTTP and HTTPS. */
const PUBLIC_PORTS = new Set(['80', '443']);

/**
 * Recognises a rule that lets users in: HTTP or HTTPS, to a load balancer or to nodes with public addresses. A rule of a
 * security group that anything else uses is never one, whatever the port.
 */
export function isFrontDoor({ protocol, from, to, groupPlace }: NetworkRule, doors: ReadonlySet<string>): boolean {
  const port = protocol === 'tcp' && from === to && PUBLIC_PORTS.has(from ?? '');
  return port && groupPlace !== undefined && doors.has(keyOf(groupPlace));
}

/** The security groups of load balancers and of nodes with public addresses, and of nothing else. */
export function frontDoors(templates: Templates): ReadonlySet<string> {
  const [doors, others] = [new Set<string>(), new Set<string>()];
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      for (const { groups, isPublic } of usesOf(Type, Properties)) {
        for (const group of groups) {
          const place = placeOf(group, stack, templates);
          if (place !== undefined) (isPublic ? doors : others).add(keyOf(place));
        }
      }
    }
  }
  return new Set([...doors].filter((door) => !others.has(door)));
}

interface Use {
  readonly groups: readonly unknown[];
  readonly isPublic: boolean;
}

function usesOf(type: string, properties: Readonly<Record<string, unknown>>): Use[] {
  if (type === 'AWS::EC2::LaunchTemplate') {
    const { NetworkInterfaces = [], SecurityGroupIds } = (properties['LaunchTemplateData'] ?? {}) as {
      NetworkInterfaces?: readonly { AssociatePublicIpAddress?: unknown; Groups?: unknown }[];
      SecurityGroupIds?: unknown;
    };
    return [
      { groups: listOf(SecurityGroupIds), isPublic: false },
      ...NetworkInterfaces.map(({ AssociatePublicIpAddress, Groups }) => ({
        groups: listOf(Groups),
        isPublic: AssociatePublicIpAddress === true,
      })),
    ];
  }
  const groups = GROUP_PROPERTIES.flatMap((name) => listOf(properties[name]));
  return [{ groups, isPublic: type === 'AWS::ElasticLoadBalancingV2::LoadBalancer' }];
}

/** Names of the property that lists security groups, which differ from type to type. */
export const GROUP_PROPERTIES = [
  'SecurityGroupIds',
  'SecurityGroups',
  'VPCSecurityGroups',
  'VpcSecurityGroupIds',
] as const;

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
