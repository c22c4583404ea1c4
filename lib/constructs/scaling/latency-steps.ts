import { Duration } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AutoScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import type { HttpLoad } from '../ingress/front';

/** Share of a target from which a node counts as loaded. */
const LOADED = 0.9;

export interface LatencyStepsProps {
  readonly group: autoscaling.AutoScalingGroup;
  readonly load: HttpLoad;
  /** p95 from which nodes are added, milliseconds. */
  readonly latencyMs: number;
  /** Target of target tracking: requests per node and minute, and CPU in per cent. */
  readonly requestsPerNode: number;
  readonly cpuPercent: number;
}

/**
 * Adds nodes the sooner and the more of them, the longer users wait; never takes any away.
 *
 * Only while nodes are loaded: when they are not, answers are slow for another reason, for example the database, and
 * more nodes would put more load on it, be taken away as idle, and come again.
 */
export class LatencySteps extends Construct {
  constructor(scope: Construct, id: string, props: LatencyStepsProps) {
    super(scope, id);
    const { group, load, requestsPerNode, cpuPercent } = props;
    const threshold = props.latencyMs / 1000;
    const policy = new autoscaling.StepScalingAction(this, 'Steps', {
      autoScalingGroup: group,
      adjustmentType: autoscaling.AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
      minAdjustmentMagnitude: 1,
      metricAggregationType: autoscaling.MetricAggregationType.AVERAGE,
    });
    // Bounds count from the alarm's threshold.
    policy.addAdjustment({ lowerBound: 0, upperBound: threshold, adjustment: 10 });
    policy.addAdjustment({ lowerBound: threshold, upperBound: 3 * threshold, adjustment: 30 });
    policy.addAdjustment({ lowerBound: 3 * threshold, adjustment: 50 });

    const alarm = new cloudwatch.Alarm(this, 'Alarm', {
      alarmDescription: 'Users wait while nodes are loaded: nodes are added.',
      metric: new cloudwatch.MathExpression({
        label: 'p95 of loaded nodes, seconds',
        expression: `IF(requests >= ${requestsPerNode * LOADED} || cpu >= ${cpuPercent * LOADED}, latency, 0)`,
        usingMetrics: {
          latency: load.responseTime('p95'),
          requests: load.requestsPerNode,
          cpu: new cloudwatch.Metric({
            namespace: 'AWS/EC2',
            metricName: 'CPUUtilization',
            dimensionsMap: { AutoScalingGroupName: group.autoScalingGroupName },
            statistic: cloudwatch.Stats.AVERAGE,
            period: Duration.minutes(1),
          }),
        },
        period: Duration.minutes(1),
      }),
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new AutoScalingAction(policy));
  }
}
