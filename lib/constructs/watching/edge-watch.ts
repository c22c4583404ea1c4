import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { AlertsPlan } from '../../architecture/automation';
import { Watch } from './watch';

/** Region in which CloudFront and its parts report, whatever the region of the environment. */
const REGION = 'us-east-1';
const MINUTE = { period: Duration.minutes(1) };

export interface EdgeWatchProps {
  readonly environment: string;
  /** Of the distribution. A name, not an object: the stack that watches may be in another region than the one it is in. */
  readonly distributionId: string;
  readonly plan: AlertsPlan;
}

/**
 * Alarms on CloudFront, its own failures to reach the load balancer included, which that never sees. Its
 * metrics, and so its alarms, live in us-east-1.
 */
export class EdgeWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, distributionId, plan }: EdgeWatchProps) {
    const errors = edgeMetric(distributionId, '5xxErrorRate', 'Average');
    super(scope, id, {
      environment,
      subject: 'edge',
      tier: 'users',
      alarms: [
        {
          name: 'errors',
          title: `More than ${plan.errorPercent} % of what CloudFront answers is of the 5xx kind.`,
          weight: 'symptom',
          metric: errors,
          when: { above: plan.errorPercent },
          points: [3, 5],
          silence: 'well',
        },
      ],
      graphs: edgeGraphs(distributionId),
    });
  }
}

/** The pictures alone, for a dashboard in the region of the environment. */
export function edgeGraphs(distributionId: string): Watch['graphs'] {
  const metric = (name: string, statistic: string): cloudwatch.Metric => edgeMetric(distributionId, name, statistic);
  return [
    {
      title: 'errors, %; requests',
      left: [metric('5xxErrorRate', 'Average'), metric('4xxErrorRate', 'Average')],
      right: [metric('Requests', 'Sum')],
      region: REGION,
    },
    { title: 'bytes to users', left: [metric('BytesDownloaded', 'Sum')], region: REGION },
  ];
}

function edgeMetric(distributionId: string, metricName: string, statistic: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/CloudFront',
    metricName,
    statistic,
    dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
    region: REGION,
    ...MINUTE,
  });
}
