import { answered } from './answered';

/** Roles of nodes, as their fleets are called: lib/node/blueprint.ts. Proxies and movers run no release. */
export const RELEASE_ROLES = ['box', 'app', 'worker'] as const;
export const NODE_ROLES = [...RELEASE_ROLES, 'web', 'mover'] as const;

export type FleetRole = (typeof NODE_ROLES)[number];

/** An instance of a fleet. */
export interface FleetNode {
  readonly id: string;
  readonly role: FleetRole;
  /**
   * State in its Auto Scaling group, such as `InService`, `Pending:Wait`, `Warmed:Running`.
   * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html (2026-11-29)
   */
  readonly lifecycle: string;
  /** Health as the group has it: `Healthy`, `Unhealthy`. */
  readonly health: string;
  /** Instance type as its group has it; absent when the group does not say. */
  readonly instanceType?: string;
}

/**
 * Nodes of an environment, found by the tag of their fleets' groups; by role, then by id.
 *
 * @throws OperatorError when AWS does not answer, or refuses.
 */
export async function fleetNodes(
  environment: string,
  region: string,
  roles: readonly FleetRole[] = RELEASE_ROLES,
): Promise<FleetNode[]> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  const client = new sdk.AutoScalingClient({ region });
  const Filters = [{ Name: 'tag:beamstalk:fleet', Values: roles.map((role) => `${environment}-${role}`) }];
  const nodes: FleetNode[] = [];
  await answered('list the fleets', async () => {
    for await (const page of sdk.paginateDescribeAutoScalingGroups({ client }, { Filters })) {
      for (const { Tags = [], Instances = [] } of page.AutoScalingGroups ?? []) {
        const fleet = Tags.find(({ Key }) => Key === 'beamstalk:fleet')?.Value;
        const role = roles.find((known) => fleet === `${environment}-${known}`);
        if (role === undefined) continue;
        for (const {
          InstanceId: id = '',
          LifecycleState: lifecycle = 'unknown',
          HealthStatus: health = 'unknown',
          InstanceType: instanceType,
        } of Instances) {
          nodes.push({ id, role, lifecycle, health, ...(instanceType !== undefined && { instanceType }) });
        }
      }
    }
  });
  return nodes.sort(
    (one, other) => roles.indexOf(one.role) - roles.indexOf(other.role) || one.id.localeCompare(other.id),
  );
}

/** True for a node that users come to, or jobs. */
export function isInService({ lifecycle }: FleetNode): boolean {
  return lifecycle === 'InService';
}

/** True for a node that boots, and will be in service. Those of a warm pool boot again when they are needed. */
export function isComing({ lifecycle }: FleetNode): boolean {
  return lifecycle.startsWith('Pending');
}
