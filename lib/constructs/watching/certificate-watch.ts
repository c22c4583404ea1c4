import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { Watch } from './watch';

export interface CertificateWatchProps {
  readonly environment: string;
  readonly subject: string;
  readonly certificateArn: string;
}

/**
 * A certificate of ACM. It is renewed by itself 60 days before its end, as long as the DNS record that proves the name
 * is there: at 30 days something has been wrong for a month.
 *
 * Source: https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html (2026-11-21)
 */
export class CertificateWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, subject, certificateArn }: CertificateWatchProps) {
    super(scope, id, {
      environment,
      subject,
      tier: 'users',
      alarms: [
        {
          name: 'expiry',
          title: 'A certificate expires within 30 days and has not been renewed: at its end no user connects any more.',
          weight: 'cause',
          metric: new cloudwatch.Metric({
            namespace: 'AWS/CertificateManager',
            metricName: 'DaysToExpiry',
            statistic: 'Minimum',
            dimensionsMap: { CertificateArn: certificateArn },
            period: Duration.days(1),
          }),
          when: { below: 30 },
          points: [1, 1],
          silence: 'unknown',
        },
      ],
      graphs: [],
    });
  }
}
