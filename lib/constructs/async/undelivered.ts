import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../../policies/acknowledge';
import { Watch } from '../watching/watch';
import { DEAD_LETTER_RETENTION, KEPT_QUEUE } from './work-queue';

export interface UndeliveredProps {
  readonly environment: string;
}

/**
 * Events and scheduled jobs that did not reach their queue. Apart from the dead-letter queues, which hold jobs that
 * were tried; and never FIFO, because EventBridge takes no such queue for what it cannot deliver.
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html (2026-11-21)
 */
export class Undelivered extends Construct {
  readonly queue: sqs.Queue;
  readonly watch: Watch;

  constructor(scope: Construct, id: string, { environment }: UndeliveredProps) {
    super(scope, id);
    this.queue = new sqs.Queue(this, 'Queue', { ...KEPT_QUEUE, retentionPeriod: DEAD_LETTER_RETENTION });
    acknowledge(this.queue, 'AwsSolutions-SQS3', 'It is where what cannot be delivered ends.');
    const messages = this.queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) });
    this.watch = new Watch(this, 'Watch', {
      environment,
      subject: 'undelivered',
      tier: 'async',
      alarms: [
        {
          name: 'messages',
          title:
            'Uploads or scheduled jobs did not reach their queue. The attributes of the messages say why; send them again by hand.',
          weight: 'cause',
          metric: messages,
          when: { above: 0 },
          points: [1, 1],
          silence: 'well',
        },
      ],
      graphs: [{ title: 'events and scheduled jobs that reached no queue', left: [messages] }],
    });
  }
}
