import { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Undelivered } from './undelivered';
import type { WorkQueue } from './work-queue';

export interface UploadsToQueueProps {
  /** Tells EventBridge of its objects. */
  readonly bucket: s3.IBucket;
  readonly queue: WorkQueue;
  readonly undelivered: Undelivered;
}

/**
 * Each new upload becomes a job whose payload is the event's detail, with `bucket.name` and `object.key`. By
 * EventBridge, because a notification of the bucket itself would have the bucket depend on the queue.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html (2026-11-21)
 */
export class UploadsToQueue extends Construct {
  constructor(scope: Construct, id: string, { bucket, queue, undelivered }: UploadsToQueueProps) {
    super(scope, id);
    new events.Rule(this, 'Rule', {
      description: `New objects of the bucket for uploads enter the queue ${queue.plan.name}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        account: [Stack.of(this).account],
        detail: { bucket: { name: [bucket.bucketName] } },
      },
      targets: [
        new SqsQueue(queue.queue, {
          // In the form of every job. The version as its id: told twice, an upload is the same job.
          message: events.RuleTargetInput.fromObject({
            kind: 'upload',
            id: events.EventField.fromPath('$.detail.object.version-id'),
            payload: events.EventField.fromPath('$.detail'),
          }),
          ...(queue.plan.fifo && { messageGroupId: 'uploads' }),
          deadLetterQueue: undelivered.queue,
        }),
      ],
    });
  }
}
