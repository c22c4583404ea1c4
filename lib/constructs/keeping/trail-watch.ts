import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { AlarmRow } from '../watching/alarm-row';
import { Watch } from '../watching/watch';

export interface TrailWatchProps {
  readonly environment: string;
  /** Log group of a trail. */
  readonly log: logs.ILogGroup;
}

interface Deed {
  readonly name: string;
  readonly title: string;
  readonly weight: AlarmRow['weight'];
  readonly pattern: string;
}

const DEEDS: readonly Deed[] = [
  {
    name: 'root',
    title: 'Somebody acts as the root user of the account, which nothing in daily work needs.',
    weight: 'cause',
    pattern:
      '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
  },
  {
    name: 'trail-changed',
    title: 'Somebody stops, changes or deletes a trail: what is done from now on may not be recorded.',
    weight: 'urgent',
    pattern:
      '{ ($.eventSource = "cloudtrail.amazonaws.com") && (($.eventName = "StopLogging") || ($.eventName = "DeleteTrail") || ($.eventName = "UpdateTrail") || ($.eventName = "PutEventSelectors")) }',
  },
  {
    name: 'key-lost',
    title: 'Somebody disables a key or plans its deletion: what it encrypted cannot be read without it.',
    weight: 'urgent',
    pattern:
      '{ ($.eventSource = "kms.amazonaws.com") && (($.eventName = "DisableKey") || ($.eventName = "ScheduleKeyDeletion")) }',
  },
  {
    name: 'backup-deleted',
    title: 'Somebody deletes backups or takes the lock off a vault, which AWS does by itself only when they have aged.',
    weight: 'urgent',
    pattern:
      '{ ($.eventSource = "backup.amazonaws.com") && ($.userIdentity.invokedBy NOT EXISTS) && (($.eventName = "DeleteRecoveryPoint") || ($.eventName = "DeleteBackupVault") || ($.eventName = "DeleteBackupVaultLockConfiguration")) }',
  },
];

/** Alarms on deeds that nobody should do to an account unnoticed. A climb that changes the trail is noticed too, rightly. */
export class TrailWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, log }: TrailWatchProps) {
    const namespace = `Beamstalk/${environment}/trail`;
    super(scope, id, {
      environment,
      subject: 'account',
      tier: 'account',
      alarms: DEEDS.map(({ name, title, weight }) => ({
        name,
        title,
        weight,
        metric: new cloudwatch.Metric({ namespace, metricName: name, statistic: 'Sum', period: Duration.minutes(5) }),
        when: { above: 0 },
        points: [1, 1],
        silence: 'well',
      })),
      graphs: [],
    });
    for (const { name, pattern } of DEEDS) {
      new logs.MetricFilter(this, `filter-${name}`, {
        logGroup: log,
        filterPattern: logs.FilterPattern.literal(pattern),
        metricNamespace: namespace,
        metricName: name,
        metricValue: '1',
      });
    }
  }
}
