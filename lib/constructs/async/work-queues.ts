import { Construct } from 'constructs';
import type { QueuePlan } from '../../architecture/asynchronous';
import { QUEUE_PARAMETERS } from '../../node/parameters';
import { PublishedParameters } from '../parameters/published-parameters';
import { WorkQueue } from './work-queue';

export interface WorkQueuesProps {
  readonly environment: string;
  readonly plans: readonly QueuePlan[];
}

/** All queues of an environment, and their addresses for the nodes. */
export class WorkQueues extends Construct {
  readonly all: readonly WorkQueue[];
  /** The addresses: what boots with them in mind waits for this. */
  readonly published: PublishedParameters;

  constructor(scope: Construct, id: string, { environment, plans }: WorkQueuesProps) {
    super(scope, id);
    this.all = plans.map((plan) => new WorkQueue(this, plan.name, { environment, plan }));
    const values = Object.fromEntries(this.all.map(({ plan, queue }) => [plan.name, queue.queueUrl]));
    this.published = new PublishedParameters(this, 'Published', { environment, topic: QUEUE_PARAMETERS, values });
  }

  /** Those that one kind of worker works on. */
  of(worker: QueuePlan['worker']): readonly WorkQueue[] {
    return this.all.filter(({ plan }) => plan.worker === worker);
  }

  /**
   * @throws Error when there is no such queue, which a checked configuration rules out.
   */
  named(name: string): WorkQueue {
    const found = this.all.find(({ plan }) => plan.name === name);
    if (found === undefined) throw new Error(`there is no queue ${name}`);
    return found;
  }
}
