import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { PressurePlan } from '../../architecture/asynchronous';
import type { WorkQueue } from './work-queue';

/** Prefix of the names of all these alarms of an environment, and of no others. */
export function alarmPrefix(environment: string): string {
  return `${environment}-age-of-queue-`;
}

export interface QueueAgeProps {
  readonly environment: string;
  readonly queue: WorkQueue;
  readonly plan: PressurePlan;
}

/**
 * Tells whether a queue keeps up, by the age of its oldest job; between its two alarms the answer stays what it was.
 *
 * The age counts from sending until deleting, and so while the job is under way: one job that may take a quarter of an
 * hour would look like a queue that does not keep up. What the job itself may take is therefore added to both limits.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * (2026-11-21)
 */
export class QueueAge extends Construct {
  readonly queue: WorkQueue;
  /** In alarm while the oldest job has been there for too long. */
  readonly shed: cloudwatch.Alarm;
  /** In alarm, which is good news, while no job is older than it should be, or there is none at all. */
  readonly admit: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, { environment, queue, plan }: QueueAgeProps) {
    super(scope, id);
    this.queue = queue;
    const { name, jobSeconds } = queue.plan;
    const { age } = queue.metrics;
    this.shed = age.createAlarm(this, 'Shed', {
      alarmName: `${alarmPrefix(environment)}${name}-shed`,
      alarmDescription: `Queue ${name} does not keep up: low-priority requests are turned away. No call for anybody.`,
      threshold: plan.shedAfterSeconds + jobSeconds,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    this.admit = age.createAlarm(this, 'Admit', {
      alarmName: `${alarmPrefix(environment)}${name}-admit`,
      alarmDescription: `Queue ${name} keeps up. Being in alarm is its usual state. No call for anybody.`,
      threshold: plan.admitBelowSeconds + jobSeconds,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      // A queue at rest reports nothing.
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }
}
