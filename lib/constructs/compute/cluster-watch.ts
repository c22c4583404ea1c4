import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { Watch } from '../watching/watch';

export interface ClusterWatchProps {
  readonly environment: string;
  /** Requests that the authority did not answer with a certificate. */
  readonly refused: cloudwatch.IMetric;
}

/** Words of `cluster-certificate.sh` when a certificate is near its end and could not be renewed. */
const NEAR_ITS_END = 'cluster certificate near its end';

const METRIC = 'cluster-certificates-near-their-end';

const namespaceOf = (environment: string): string => `Beamstalk/${environment}`;

/** Certificates by which nodes know each other: whether they are given, and whether one is near its end. */
export class ClusterWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, refused }: ClusterWatchProps) {
    const nearEnd = new cloudwatch.Metric({
      namespace: namespaceOf(environment),
      metricName: METRIC,
      statistic: 'Sum',
      // Nodes look every six hours: in each period somebody has said it while it is so.
      period: Duration.hours(12),
    });
    super(scope, id, {
      environment,
      subject: 'cluster',
      tier: 'app',
      alarms: [
        {
          name: 'certificate-refused',
          title:
            "A node got no certificate, and does not boot, or keeps the one it has until that ends. The function's log says why.",
          weight: 'cause',
          metric: refused,
          when: { above: 0 },
          points: [1, 1],
          silence: 'well',
        },
        {
          name: 'certificate-expiry',
          title:
            "A node's certificate has less than a quarter of its days left and was not renewed: at its end the node joins no peer anew. Its log says why.",
          weight: 'cause',
          metric: nearEnd,
          when: { above: 0 },
          points: [1, 1],
          silence: 'well',
        },
      ],
      graphs: [{ title: 'certificates of nodes: refused, near their end', left: [refused], right: [nearEnd] }],
    });
  }
}

/** Counts in the log of a role what its nodes say of certificates near their end. */
export function countNearEnd(scope: Construct, environment: string, logGroup: logs.ILogGroup): void {
  new MetricFilter(scope, 'Certificates', {
    logGroup,
    filterPattern: FilterPattern.literal(`"${NEAR_ITS_END}"`),
    metricNamespace: namespaceOf(environment),
    metricName: METRIC,
    metricValue: '1',
    defaultValue: 0,
  });
}
