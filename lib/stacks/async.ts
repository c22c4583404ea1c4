import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { AsyncPlan } from '../architecture/asynchronous';
import { BackPressure } from '../constructs/async/back-pressure';
import { IdempotencyTable } from '../constructs/async/idempotency-table';
import { LambdaWorker } from '../constructs/async/lambda-worker';
import { Schedules } from '../constructs/async/schedules';
import { Undelivered } from '../constructs/async/undelivered';
import { UploadsToQueue } from '../constructs/async/uploads-to-queue';
import { WorkQueues } from '../constructs/async/work-queues';
import type { Watch } from '../constructs/watching/watch';
import type { DataStack } from './data';

export interface AsyncStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly plan: AsyncPlan;
  readonly data: DataStack;
}

/**
 * Work that nobody waits for: queues, the functions that work on them, and what gives way when they do not keep up. It
 * knows no node, and comes before all that put jobs into queues or take them out: they find the addresses when they boot.
 */
export class AsyncStack extends Stack {
  readonly queues: WorkQueues;
  /** What did not even reach a queue. */
  readonly undelivered: Undelivered;
  /** One for each queue that Lambda works on. */
  readonly lambdaWorkers: readonly LambdaWorker[];
  readonly pressure: BackPressure;

  constructor(scope: Construct, id: string, { architecture, plan, data, ...props }: AsyncStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment, logDays } = architecture;

    this.queues = new WorkQueues(this, 'Queues', { environment, plans: plan.queues });
    this.undelivered = new Undelivered(this, 'Undelivered', { environment });
    this.lambdaWorkers = this.workWithLambda(plan, environment, logDays);

    const { uploads } = data.buckets;
    if (uploads && plan.uploadsQueue !== undefined) {
      const queue = this.queues.named(plan.uploadsQueue);
      new UploadsToQueue(this, 'Uploads', { bucket: uploads, queue, undelivered: this.undelivered });
    }
    if (plan.schedules.length > 0) {
      const { queues, undelivered } = this;
      new Schedules(this, 'Schedules', { environment, plans: plan.schedules, queues, undelivered });
    }
    this.pressure = new BackPressure(this, 'Pressure', {
      environment,
      plan: plan.pressure,
      queues: this.queues.all,
      logDays,
    });
  }

  /** What is watched here, for whoever shows it and calls: queues, and whether load is shed. */
  get watches(): readonly Watch[] {
    const { queues, undelivered, pressure } = this;
    return [pressure.watch, ...queues.all.map(({ watch }) => watch), undelivered.watch];
  }

  private workWithLambda(plan: AsyncPlan, environment: string, logDays: number): LambdaWorker[] {
    const queues = this.queues.of('lambda');
    // It stays when the last of these queues goes to the fleet: its records count again when one comes back.
    const { table } = new IdempotencyTable(this, 'Done');
    return queues.map(
      (queue) =>
        new LambdaWorker(this, `Lambda-${queue.plan.name}`, {
          environment,
          plan: plan.workers,
          queue,
          done: table,
          logDays,
        }),
    );
  }
}
