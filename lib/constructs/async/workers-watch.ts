import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { FleetPlan } from '../../architecture/fleet';
import type { NodeFleet } from '../compute/node-fleet';
import { Watch } from '../watching/watch';

export interface WorkersWatchProps {
  readonly environment: string;
  readonly plan: FleetPlan;
  readonly fleet: NodeFleet;
  readonly backlogPerNode: cloudwatch.IMetric;
  /** Target of scaling: waiting jobs per worker. */
  readonly target: number;
}

/** The worker fleet. Workers may be as busy as they can: only what keeps them from work is worth a call. */
export class WorkersWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, plan, fleet, backlogPerNode, target }: WorkersWatchProps) {
    const metric = (namespace: string, metricName: string): cloudwatch.Metric =>
      new cloudwatch.Metric({
        namespace,
        metricName,
        dimensionsMap: { AutoScalingGroupName: fleet.group.autoScalingGroupName },
        statistic: 'Average',
        period: Duration.minutes(1),
      });
    const inService = metric('AWS/AutoScaling', 'GroupInServiceInstances');
    super(scope, id, {
      environment,
      subject: 'workers',
      tier: 'async',
      alarms: [
        ...(plan.minNodes > 0
          ? ([
              {
                name: 'too-few',
                title: 'Fewer workers are in service than there must be at least: they do not boot, or not for long.',
                weight: 'cause',
                metric: inService,
                when: { below: plan.minNodes },
                points: [15, 15],
                silence: 'unknown',
              },
            ] as const)
          : []),
        {
          name: 'backlog',
          title: `More than twice the ${target} jobs that may wait for each worker do, for half an hour: scaling does not catch up.`,
          weight: 'cause',
          metric: backlogPerNode,
          when: { above: 2 * target },
          points: [30, 30],
          silence: 'well',
        },
      ],
      graphs: [
        { title: 'workers; waiting jobs for each', left: [inService], right: [backlogPerNode] },
        { title: 'CPU of workers, %', left: [metric('AWS/EC2', 'CPUUtilization')] },
      ],
    });
  }
}
