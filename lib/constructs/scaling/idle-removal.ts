import { Duration } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { FrontLoad } from '../ingress/front';

/** Share of their targets up to which the nodes that stay may be loaded: they have to be added again only at one. */
const LEFT_LOADED = 0.85;

/** Minutes for which that must have been so, all of them. */
const MINUTES = 15;

/** Seconds between two removals, after connections have been let go: long enough to see what the first one did. */
const PAUSE_SECONDS = 300;

export interface IdleRemovalProps {
  readonly group: autoscaling.AutoScalingGroup;
  readonly load: FrontLoad;
  /** Target of target tracking: load of one node, and CPU in per cent. */
  readonly perNode: number;
  readonly cpuPercent: number;
}

/**
 * Takes one node away when the others could carry its share and still be clear of their targets, and waits before the
 * next. Target tracking would remove as soon as the load is a tenth below the target, by rules that nobody promises:
 * with five nodes, where one is a fifth, that is out and in again all afternoon (`test/scaling`).
 */
export class IdleRemoval extends Construct {
  constructor(scope: Construct, id: string, { group, load, perNode, cpuPercent }: IdleRemovalProps) {
    super(scope, id);
    const period = Duration.minutes(1);
    const ofGroup = (namespace: string, metricName: string): cloudwatch.Metric =>
      new cloudwatch.Metric({
        namespace,
        metricName,
        dimensionsMap: { AutoScalingGroupName: group.autoScalingGroupName },
        statistic: cloudwatch.Stats.AVERAGE,
        period,
      });
    // Without any request there is no metric, and the fleet is idle all the same.
    const carried: Record<string, cloudwatch.Metric> =
      load.kind === 'http'
        ? { requests: load.requestsPerNode }
        : { connections: load.connections, healthy: load.healthyNodes };
    const share = load.kind === 'http' ? 'FILL(requests, 0)' : 'FILL(connections, 0) / healthy';

    const policy = new autoscaling.CfnScalingPolicy(this, 'OneLess', {
      autoScalingGroupName: group.autoScalingGroupName,
      // The one type of policy that waits after what it did.
      policyType: 'SimpleScaling',
      adjustmentType: 'ChangeInCapacity',
      scalingAdjustment: -1,
      cooldown: String(PAUSE_SECONDS),
    });
    const alarm = new cloudwatch.Alarm(this, 'Alarm', {
      alarmDescription: 'One node less would do: it is taken away. Nobody has to act.',
      metric: new cloudwatch.MathExpression({
        label: 'load over target with one node less',
        expression: `MAX([${share} / ${perNode}, cpu / ${cpuPercent}]) * nodes / (nodes - 1)`,
        usingMetrics: {
          ...carried,
          cpu: ofGroup('AWS/EC2', 'CPUUtilization'),
          nodes: ofGroup('AWS/AutoScaling', 'GroupInServiceInstances'),
        },
        period,
      }),
      threshold: LEFT_LOADED,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: MINUTES,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction({ bind: () => ({ alarmActionArn: policy.ref }) });
  }
}
