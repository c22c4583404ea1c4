import { RemovalPolicy, TimeZone } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { SqsSendMessage } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { SchedulePlan } from '../../architecture/asynchronous';
import type { Undelivered } from './undelivered';
import type { WorkQueues } from './work-queues';

export interface SchedulesProps {
  readonly environment: string;
  readonly plans: readonly SchedulePlan[];
  readonly queues: WorkQueues;
  readonly undelivered: Undelivered;
}

/** Jobs that enter a queue by the clock, each at least once. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { environment, plans, queues, undelivered }: SchedulesProps) {
    super(scope, id);
    // It holds nothing but what stands here: one that stayed behind would stand in the way of its successor's name.
    const group = new scheduler.ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', {
      description: `Puts scheduled jobs of ${environment} into their queues`,
      // Only for schedules of this group: another could send jobs in our name.
      // Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      // (2026-11-21)
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': group.stack.account, 'aws:SourceArn': group.scheduleGroupArn },
        },
      }),
    });
    for (const { name, expression, timeZone, queue: queueName, message } of plans) {
      const queue = queues.named(queueName);
      const schedule = new scheduler.Schedule(this, name, {
        description: `Job ${name} of ${environment}`,
        scheduleGroup: group,
        schedule: scheduler.ScheduleExpression.expression(expression, TimeZone.of(timeZone)),
        timeWindow: scheduler.TimeWindow.off(),
        target: new SqsSendMessage(queue.queue, {
          input: scheduler.ScheduleTargetInput.fromText(message),
          ...(queue.plan.fifo && { messageGroupId: name }),
          deadLetterQueue: undelivered.queue,
          role,
        }),
      });
      // It names its group by text, from which CloudFormation learns of no order.
      schedule.node.addDependency(group);
    }
  }
}
