import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { QueuePlan } from '../../architecture/asynchronous';
import { Watch } from '../watching/watch';

/** Each the maximum of a minute: age of the oldest job in seconds, jobs waiting, jobs under way, jobs given up. */
export type QueueMetrics = Readonly<Record<'age' | 'waiting' | 'underWay' | 'dead', cloudwatch.Metric>>;

export interface QueueWatchProps {
  readonly environment: string;
  readonly plan: QueuePlan;
  readonly metrics: QueueMetrics;
}

/** One queue: jobs too old, too many, or given up. A queue at rest reports nothing and is well. */
export class QueueWatch extends Watch {
  constructor(scope: Construct, id: string, { environment, plan, metrics }: QueueWatchProps) {
    const { name, maxAgeSeconds, maxDepth, maxReceives } = plan;
    const { age, waiting, underWay, dead } = metrics;
    super(scope, id, {
      environment,
      subject: `queue-${name}`,
      tier: 'async',
      alarms: [
        {
          name: 'age',
          title: `The oldest job of ${name} is older than ${maxAgeSeconds} s: its workers are unwell, or too few.`,
          weight: 'cause',
          metric: age,
          when: { above: maxAgeSeconds },
          points: [3, 3],
          silence: 'well',
        },
        {
          name: 'depth',
          title: `More than ${maxDepth} jobs of ${name} wait: somebody sends more than workers do.`,
          weight: 'cause',
          metric: waiting,
          when: { above: maxDepth },
          points: [5, 5],
          silence: 'well',
        },
        {
          name: 'dead-letters',
          title: `Jobs of ${name} were given up after ${maxReceives} tries. Find out why and redrive them: they are kept for days only.`,
          weight: 'cause',
          metric: dead,
          when: { above: 0 },
          points: [1, 1],
          silence: 'well',
        },
      ],
      graphs: [
        { title: 'jobs waiting and under way; age of the oldest, seconds', left: [waiting, underWay], right: [age] },
        { title: 'jobs given up', left: [dead] },
      ],
    });
  }
}
