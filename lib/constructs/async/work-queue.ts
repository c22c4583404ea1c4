import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { QueuePlan } from '../../architecture/asynchronous';
import { acknowledge } from '../../policies/acknowledge';
import { type QueueMetrics, QueueWatch } from './queue-watch';

/** Settings that a queue and its dead-letter queue share. */
export const KEPT_QUEUE = {
  // Keys of SQS itself. A key of our own would have to be opened to EventBridge and Scheduler as well, and would guard
  // against nobody more.
  encryption: sqs.QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  // Messages are data: a queue stays in the account when its stack lets go of it.
  removalPolicy: RemovalPolicy.RETAIN,
} as const satisfies sqs.QueueProps;

/**
 * The longest that SQS keeps a message. For dead-letter queues, because the age of a message that moves from a standard
 * queue goes on counting: the four days above the queue's own ten are what is left to look at it.
 *
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
 * (2026-11-21)
 */
export const DEAD_LETTER_RETENTION = Duration.days(14);
const RETENTION = Duration.days(10);

/**
 * Visibility timeout as a multiple of the function's timeout, so that throttled calls can be repeated meanwhile.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html (2026-11-21)
 */
const LAMBDA_VISIBILITY = 6;

/** Time that a function has beyond the longest job to look up whether it is done and to answer, seconds. */
const LAMBDA_SLACK_SECONDS = 5;

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (2026-11-21) */
const LAMBDA_MOST_SECONDS = 900;

/** Time that a worker node has beyond the longest job to begin it and to delete its message, seconds. */
const FLEET_SLACK_SECONDS = 60;

/** SQS publishes its metrics once a minute. */
const MINUTE = Duration.minutes(1);

export interface WorkQueueProps {
  readonly environment: string;
  readonly plan: QueuePlan;
}

/** A queue with its dead-letter queue, and alarms on both: jobs too old, too many, or given up. */
export class WorkQueue extends Construct {
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;
  readonly plan: QueuePlan;
  readonly metrics: QueueMetrics;
  readonly watch: QueueWatch;

  constructor(scope: Construct, id: string, { environment, plan }: WorkQueueProps) {
    super(scope, id);
    this.plan = plan;
    // A queue can never become FIFO, or cease to be. Content decides what is the same message, because EventBridge and
    // Scheduler send no id of their own.
    const kind = plan.fifo ? { fifo: true, contentBasedDeduplication: true } : {};
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      ...KEPT_QUEUE,
      ...kind,
      retentionPeriod: DEAD_LETTER_RETENTION,
      // A list of the queues that may use it would refer back to this queue: a circle without fixed names.
    });
    acknowledge(this.deadLetters, 'AwsSolutions-SQS3', 'It is itself the dead-letter queue of the queue beside it.');
    this.queue = new sqs.Queue(this, 'Queue', {
      ...KEPT_QUEUE,
      ...kind,
      retentionPeriod: RETENTION,
      visibilityTimeout: Duration.seconds(visibilitySeconds(plan)),
      // Long polling: an empty answer takes 20 seconds instead of a call in each of them.
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: plan.maxReceives },
      // Nobody's dead letters land among the jobs.
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.DENY_ALL },
    });

    this.metrics = {
      age: this.queue.metricApproximateAgeOfOldestMessage({ period: MINUTE }),
      waiting: this.queue.metricApproximateNumberOfMessagesVisible({ period: MINUTE }),
      underWay: this.queue.metricApproximateNumberOfMessagesNotVisible({ period: MINUTE }),
      dead: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: MINUTE }),
    };
    this.watch = new QueueWatch(this, 'Watch', { environment, plan, metrics: this.metrics });
  }
}

/** Timeout of a function whose job takes so many seconds, at most that of any function. */
export function lambdaSeconds(jobSeconds: number): number {
  return Math.min(jobSeconds + LAMBDA_SLACK_SECONDS, LAMBDA_MOST_SECONDS);
}

/** Visibility timeout of a message that was received, seconds. */
function visibilitySeconds({ worker, jobSeconds }: QueuePlan): number {
  return worker === 'lambda' ? LAMBDA_VISIBILITY * lambdaSeconds(jobSeconds) : jobSeconds + FLEET_SLACK_SECONDS;
}
