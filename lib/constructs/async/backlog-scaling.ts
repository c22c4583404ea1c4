import { Duration } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AutoScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import type { WorkQueue } from './work-queue';

/** Time in which a new worker boots and begins to take jobs (assumed, until it is measured). */
const WARM_UP = Duration.minutes(5);

const MINUTE = Duration.minutes(1);

export interface BacklogScalingProps {
  readonly group: autoscaling.AutoScalingGroup;
  /** At least one, at most eight. */
  readonly queues: readonly WorkQueue[];
  /** Waiting jobs for each worker that scaling holds. */
  readonly backlogPerNode: number;
  /** True when there may be no worker at all. */
  readonly mayRest: boolean;
}

/**
 * As many workers as what waits needs: target tracking of waiting jobs per worker in service, by metric math.
 *
 * A queue at rest for six hours reports nothing; SUM over a list adds up those that report, where `a + b` would have no
 * value. FILL would do it too, and would hold the newest minute, which comes late, for an empty queue.
 *
 * Sources, read 2026-11-21:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-target-tracking-metric-math.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export class BacklogScaling extends Construct {
  /** Waiting jobs per worker; while there is no worker, waiting jobs. */
  readonly backlogPerNode: cloudwatch.MathExpression;

  constructor(scope: Construct, id: string, { group, queues, backlogPerNode, mayRest }: BacklogScalingProps) {
    super(scope, id);
    const waiting = Object.fromEntries(queues.map(({ metrics }, index) => [`waiting${index}`, metrics.waiting]));
    const nodes = new cloudwatch.Metric({
      namespace: 'AWS/AutoScaling',
      metricName: 'GroupInServiceInstances',
      dimensionsMap: { AutoScalingGroupName: group.autoScalingGroupName },
      statistic: 'Average',
      period: MINUTE,
    });
    const sum = `SUM([${Object.keys(waiting).join(', ')}])`;
    const usingMetrics = { ...waiting, nodes };
    this.backlogPerNode = new cloudwatch.MathExpression({
      expression: `IF(nodes > 0, ${sum} / nodes, ${sum})`,
      usingMetrics,
      period: MINUTE,
      label: 'Waiting jobs per worker',
    });

    // The library knows target tracking of a single metric only.
    new autoscaling.CfnScalingPolicy(this, 'Backlog', {
      autoScalingGroupName: group.autoScalingGroupName,
      policyType: 'TargetTrackingScaling',
      estimatedInstanceWarmup: WARM_UP.toSeconds(),
      targetTrackingConfiguration: {
        targetValue: backlogPerNode,
        customizedMetricSpecification: {
          metrics: [
            ...Object.entries(usingMetrics).map(([name, metric]) => queried(name, metric)),
            { id: 'backlog', expression: this.backlogPerNode.expression, returnData: true },
          ],
        },
      },
    });
    if (mayRest) this.wake(group, sum, usingMetrics);
  }

  /** Tracking multiplies what there is, and nothing multiplied stays nothing: the first worker comes by a step. */
  private wake(
    group: autoscaling.AutoScalingGroup,
    sum: string,
    usingMetrics: Record<string, cloudwatch.Metric>,
  ): void {
    const step = new autoscaling.StepScalingAction(this, 'First', {
      autoScalingGroup: group,
      adjustmentType: autoscaling.AdjustmentType.EXACT_CAPACITY,
      estimatedInstanceWarmup: WARM_UP,
    });
    step.addAdjustment({ lowerBound: 0, adjustment: 1 });
    new cloudwatch.MathExpression({
      expression: `IF(nodes < 1 AND ${sum} > 0, 1, 0)`,
      usingMetrics,
      period: MINUTE,
      label: 'Jobs, and nobody to do them',
    })
      .createAlarm(this, 'Asleep', {
        alarmDescription: 'Jobs wait while there is no worker: starts the first one. No call for anybody.',
        threshold: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      })
      .addAlarmAction(new AutoScalingAction(step));
  }
}

function queried(
  id: string,
  metric: cloudwatch.Metric,
): autoscaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty {
  const dimensions = Object.entries(metric.dimensions ?? {}).map(([name, value]) => ({ name, value: String(value) }));
  const { namespace, metricName, statistic: stat } = metric;
  return { id, metricStat: { metric: { namespace, metricName, dimensions }, stat }, returnData: false };
}
