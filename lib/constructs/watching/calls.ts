import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import type { AlertTopics } from './alert-topics';
import type { Watch } from './watch';

/** A cause waits this long whether users turn out to be unwell, and stays quiet this long after they are well again. */
const SUPPRESSION = { wait: Duration.minutes(3), extension: Duration.minutes(5) };

export interface CallsProps {
  readonly environment: string;
  readonly topics: AlertTopics;
  readonly watches: readonly Watch[];
}

/**
 * Routing of alarms to people. One alarm over all symptoms pages, once, however many of them there are; what cannot wait
 * pages by subject; causes are told by subject, and kept back while users are unwell, when whoever works on it looks at
 * the dashboards anyway. Alarms may stand in other stacks of the same region: only their ARNs are read here.
 */
export class Calls extends Construct {
  /** In alarm while users are unwell. */
  readonly usersUnwell: cloudwatch.CompositeAlarm;

  constructor(scope: Construct, id: string, { environment, topics, watches }: CallsProps) {
    super(scope, id);
    const page = new SnsAction(topics.page);
    const notify = new SnsAction(topics.notify);

    this.usersUnwell = new cloudwatch.CompositeAlarm(this, 'UsersUnwell', {
      compositeAlarmName: `${environment}-users-unwell`,
      alarmDescription: `Users of ${environment} are unwell: the first row of each dashboard says in what way.`,
      alarmRule: anyOf(watches.flatMap(({ symptoms }) => symptoms)),
    });
    call(this.usersUnwell, page);

    for (const { subject, urgent, causes } of watches) {
      if (urgent.length > 0) {
        const alarm = new cloudwatch.CompositeAlarm(this, `${subject}-urgent`, {
          compositeAlarmName: `${environment}-${subject}-urgent`,
          alarmDescription: `Something about ${subject} of ${environment} cannot wait.`,
          alarmRule: anyOf(urgent),
        });
        call(alarm, page);
      }
      if (causes.length > 0) {
        const alarm = new cloudwatch.CompositeAlarm(this, `${subject}-causes`, {
          compositeAlarmName: `${environment}-${subject}-causes`,
          alarmDescription: `Something about ${subject} of ${environment} is not as it should be; users are well so far.`,
          alarmRule: anyOf(causes),
          actionsSuppressor: this.usersUnwell,
          actionsSuppressorWaitPeriod: SUPPRESSION.wait,
          actionsSuppressorExtensionPeriod: SUPPRESSION.extension,
        });
        call(alarm, notify);
      }
    }
  }
}

function anyOf(alarms: readonly cloudwatch.IAlarm[]): cloudwatch.IAlarmRule {
  return cloudwatch.AlarmRule.anyOf(
    ...alarms.map((alarm) => cloudwatch.AlarmRule.fromAlarm(alarm, cloudwatch.AlarmState.ALARM)),
  );
}

/** Adds an action for the alarm and for its end. */
function call(alarm: cloudwatch.CompositeAlarm, action: SnsAction): void {
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
}
