import type { StandInNode } from './stand-in-commands';

type Body = Readonly<Record<string, unknown>>;

export interface Fleets {
  readonly environment: string;
  readonly nodes: readonly StandInNode[];
  /** Machines that the group of the mover is to have; undefined while there is no such group. */
  readonly mover: number | undefined;
}

/** Answer of Auto Scaling: fleets with their nodes, those of the tag that is asked for. */
export function fleetsAsXml({ environment, nodes, mover }: Fleets, body: Body): string {
  const fleets = Object.entries(body).flatMap(([key, value]) =>
    /^Filters\.member\.1\.Values\.member\./.test(key) ? [String(value)] : [],
  );
  const roles = [...new Set([...nodes.map(({ role }) => role), ...(mover === undefined ? [] : ['mover'])])];
  const members = roles
    .filter((role) => fleets.includes(`${environment}-${role}`))
    .map((role) => {
      const instances = nodes
        .filter((node) => node.role === role)
        .map(
          ({ id, lifecycle, instanceType }) =>
            `<member><InstanceId>${id}</InstanceId>${instanceType === undefined ? '' : `<InstanceType>${instanceType}</InstanceType>`}<LifecycleState>${lifecycle}</LifecycleState><HealthStatus>Healthy</HealthStatus></member>`,
        );
      const tag = `<member><Key>beamstalk:fleet</Key><Value>${environment}-${role}</Value></member>`;
      return `<member><AutoScalingGroupName>${role}</AutoScalingGroupName><DesiredCapacity>${role === 'mover' ? mover : instances.length}</DesiredCapacity><Tags>${tag}</Tags><Instances>${instances.join('')}</Instances></member>`;
    });
  return `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>${members.join('')}</AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`;
}
