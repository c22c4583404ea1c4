import { answered } from './answered';

/** Roles of nodes, as their fleets are called: lib/node/blueprint.ts. Proxies run no release. */
export const RELEASE_ROLES = ['box', 'app', 'worker'] as const;
export const NODE_ROLES = [...RELEASE_ROLES, 'web'] as const;

export type FleetRole = (typeof NODE_ROLES)[number];

/** An instance of a fleet that runs, or is about to. */
export interface FleetNode {
  readonly id: string;
  readonly role: FleetRole;
  /** State in its Auto Scaling group, such as `InService`, `Pending:Wait`, `Warmed:Running`; `none` outside of one. */
  readonly lifecycle: string;
  /** Health as the group has it: `HEALTHY`, `UNHEALTHY`. */
  readonly health?: string;
  readonly address?: string;
  /** Start of the instance: ISO 8601, UTC. */
  readonly since?: string;
}

/** Ids that one call of Auto Scaling takes. Source: API reference of DescribeAutoScalingInstances (2026-11-29) */
const AT_ONCE = 50;

/**
 * Nodes of an environment, found by the tag that their fleets give them; by role, then by id.
 *
 * @throws OperatorError when AWS does not answer, or refuses.
 */
export async function fleetNodes(
  environment: string,
  region: string,
  roles: readonly FleetRole[] = RELEASE_ROLES,
): Promise<FleetNode[]> {
  const [ec2, scaling] = await Promise.all([import('@aws-sdk/client-ec2'), import('@aws-sdk/client-auto-scaling')]);
  const instances = new Map<string, Omit<FleetNode, 'lifecycle'>>();
  const Filters = [
    { Name: 'tag:beamstalk:fleet', Values: roles.map((role) => `${environment}-${role}`) },
    { Name: 'instance-state-name', Values: ['pending', 'running'] },
  ];
  const pages = ec2.paginateDescribeInstances({ client: new ec2.EC2Client({ region }) }, { Filters });
  await answered('list the instances', async () => {
    for await (const { Reservations = [] } of pages) {
      for (const one of Reservations.flatMap(({ Instances = [] }) => Instances)) {
        const fleet = one.Tags?.find(({ Key }) => Key === 'beamstalk:fleet')?.Value;
        const role = roles.find((known) => fleet === `${environment}-${known}`);
        if (one.InstanceId === undefined || role === undefined) continue;
        instances.set(one.InstanceId, {
          id: one.InstanceId,
          role,
          ...(one.PrivateIpAddress !== undefined && { address: one.PrivateIpAddress }),
          ...(one.LaunchTime && { since: one.LaunchTime.toISOString() }),
        });
      }
    }
  });
  const ids = [...instances.keys()];
  const states = new Map<string, Pick<FleetNode, 'lifecycle' | 'health'>>();
  const client = new scaling.AutoScalingClient({ region });
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const command = new scaling.DescribeAutoScalingInstancesCommand({ InstanceIds: ids.slice(first, first + AT_ONCE) });
    const answer = await answered('describe the instances of the fleets', () => client.send(command));
    for (const { InstanceId = '', LifecycleState = 'none', HealthStatus } of answer?.AutoScalingInstances ?? []) {
      states.set(InstanceId, { lifecycle: LifecycleState, ...(HealthStatus && { health: HealthStatus }) });
    }
  }
  return [...instances.values()]
    .map((one): FleetNode => ({ ...one, lifecycle: 'none', ...states.get(one.id) }))
    .sort((one, other) => roles.indexOf(one.role) - roles.indexOf(other.role) || one.id.localeCompare(other.id));
}

/** True for a node that users come to, or jobs. */
export function isInService({ lifecycle }: FleetNode): boolean {
  return lifecycle === 'InService';
}

/** True for a node that boots, and will be in service. Those of a warm pool boot again when they are needed. */
export function isComing({ lifecycle }: FleetNode): boolean {
  return lifecycle.startsWith('Pending');
}
