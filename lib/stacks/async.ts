import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { AsyncPlan } from '../architecture/asynchronous';
import { BackPressure } from '../constructs/async/back-pressure';
import { IdempotencyTable } from '../constructs/async/idempotency-table';
import { LambdaWorker } from '../constructs/async/lambda-worker';
import { letOthersSend } from '../constructs/async/queue-access';
import { Schedules } from '../constructs/async/schedules';
import { Undelivered } from '../constructs/async/undelivered';
import { UploadsToQueue } from '../constructs/async/uploads-to-queue';
import { WorkQueues } from '../constructs/async/work-queues';
import { WorkerFleet } from '../constructs/async/worker-fleet';
import {
  letRunRelease,
  letUseData,
  letUseFunctions,
  letUseNoSql,
  letUseShards,
} from '../constructs/compute/data-access';
import { letTakeReleases } from '../constructs/delivery/node-access';
import { NodeReports } from '../constructs/watching/node-reports';
import type { Watch } from '../constructs/watching/watch';
import type { AppStack } from './app';
import type { DataStack } from './data';
import type { FederationStack } from './federation';
import type { NetworkStack } from './network';
import type { NoSqlStack } from './no-sql';
import type { ShardsStack } from './shards';
import type { TablesStack } from './tables';

export interface AsyncStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly plan: AsyncPlan;
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly app: AppStack;
  readonly federation?: FederationStack;
  readonly shards?: ShardsStack;
  readonly tables?: TablesStack;
  readonly noSql?: NoSqlStack;
}

/** Work that nobody waits for: queues, who works on them, and what gives way when they do not keep up. */
export class AsyncStack extends Stack {
  readonly queues: WorkQueues;
  /** What did not even reach a queue. */
  readonly undelivered: Undelivered;
  /** Absent when no queue is worked on by a fleet. */
  readonly workers?: WorkerFleet;
  /** One for each queue that Lambda works on. */
  readonly lambdaWorkers: readonly LambdaWorker[];
  readonly pressure: BackPressure;

  constructor(
    scope: Construct,
    id: string,
    { architecture, plan, network, data, app, federation, shards, tables, noSql, ...props }: AsyncStackProps,
  ) {
    super(scope, id, { terminationProtection: true, ...props });
    const { environment, node, logDays, delivery } = architecture;

    this.queues = new WorkQueues(this, 'Queues', { environment, plans: plan.queues });
    this.undelivered = new Undelivered(this, 'Undelivered', { environment });
    if (app.tiers) letOthersSend(this, 'AppSends', app.tiers.app.role, this.queues.all);

    const fleetQueues = this.queues.of('fleet');
    if (plan.workers.fleet && fleetQueues.length > 0) {
      this.workers = new WorkerFleet(this, 'Workers', {
        environment,
        plan: plan.workers,
        fleet: plan.workers.fleet,
        node,
        vpc: network.vpc,
        queues: fleetQueues,
        allQueues: this.queues.all,
        pressure: plan.pressure,
        deployed: delivery !== undefined && delivery.mode !== 'blue-green',
      });
      const { fleet } = this.workers;
      letRunRelease(fleet, node);
      letTakeReleases(fleet, { environment, bucket: data.buckets.releases, mode: delivery?.mode });
      if (node.reports) new NodeReports(this, 'WorkerReports', { environment, role: 'worker', fleet, logDays });
      letUseData(fleet, data);
      letUseFunctions(fleet, federation?.databases);
      letUseShards(fleet, shards?.store);
      tables?.letUse(fleet.role);
      letUseNoSql(fleet, noSql);
      app.cookie?.letRead(fleet);
      // A worker that boots must find its queues.
      fleet.node.addDependency(this.queues.published);
    }
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

  /** What is watched here, for whoever shows it and calls: queues, workers, and whether load is shed. */
  get watches(): readonly Watch[] {
    const { queues, workers, undelivered, pressure } = this;
    return [
      pressure.watch,
      ...queues.all.map(({ watch }) => watch),
      ...(workers ? [workers.watch] : []),
      undelivered.watch,
    ];
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
