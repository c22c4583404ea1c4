import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { NodePlan } from '../../architecture/architecture';
import type { WorkersPlan } from '../../architecture/asynchronous';
import type { FleetPlan } from '../../architecture/fleet';
import type { NodePressure } from '../../node/blueprint';
import { bootSteps } from '../../node/boot-steps';
import { DISTRIBUTION_PORT } from '../../node/ports';
import { NodeFleet } from '../compute/node-fleet';
import { letProtectItself } from '../compute/own-life';
import { SUBNETS } from '../network/environment-network';
import { BacklogScaling } from './backlog-scaling';
import { letConsume, letSend } from './queue-access';
import type { WorkQueue } from './work-queue';
import { WorkersWatch } from './workers-watch';

/** Time that the last job of a worker has beyond the longest of its queues, seconds. */
const SLACK_SECONDS = 60;

export interface WorkerFleetProps {
  readonly environment: string;
  readonly plan: WorkersPlan;
  readonly fleet: FleetPlan;
  readonly node: NodePlan;
  readonly vpc: ec2.IVpc;
  /** Those that the fleet works on, at least one. */
  readonly queues: readonly WorkQueue[];
  /** A job may make other jobs, for whomever. */
  readonly allQueues: readonly WorkQueue[];
  readonly pressure: NodePressure;
  /** True when CodeDeploy puts releases on running workers. */
  readonly deployed?: boolean;
  /** True when workers speak to each other over TLS. */
  readonly certified?: boolean;
}

/**
 * Nodes that take jobs from queues, as many as their backlog needs. A worker with a job under way protects itself from
 * being taken away, and one that must end finishes its jobs first.
 */
export class WorkerFleet extends Construct {
  readonly fleet: NodeFleet;
  readonly watch: WorkersWatch;

  constructor(scope: Construct, id: string, props: WorkerFleetProps) {
    super(scope, id);
    const { environment, plan, fleet, node, vpc, queues, allQueues, pressure } = props;
    const drainSeconds = Math.max(...queues.map((queue) => queue.plan.jobSeconds)) + SLACK_SECONDS;
    this.fleet = new NodeFleet(this, 'Nodes', {
      environment,
      plan: fleet,
      node,
      vpc,
      subnets: SUBNETS.app,
      steps: bootSteps({
        role: fleet.role,
        pressure: true,
        reports: true,
        deployed: props.deployed ?? false,
        cluster: props.certified ?? false,
      }),
      pressure,
      jobs: { queues: queues.map((queue) => queue.plan.name), atOnce: plan.jobsAtOnce, drainSeconds },
      // Nobody connects to a worker: that it boots, and how old its jobs become, is what tells whether it is well.
      behindLoadBalancer: false,
      drainSeconds,
    });
    if (fleet.minNodes === 0) this.fleet.waitForNobody();
    letProtectItself(this.fleet.role, this.fleet.group);
    letConsume(this.fleet.role, queues);
    letSend(this.fleet.role, allQueues);
    // A mesh of their own: jobs come through queues, and application nodes do not notice that workers come and go.
    this.fleet.connections.allowInternally(ec2.Port.tcp(DISTRIBUTION_PORT), 'Erlang distribution');
    const { backlogPerNode } = new BacklogScaling(this, 'Scaling', {
      group: this.fleet.group,
      queues,
      backlogPerNode: plan.backlogPerNode,
      mayRest: fleet.minNodes === 0,
    });
    this.watch = new WorkersWatch(this, 'Watch', {
      environment,
      plan: fleet,
      fleet: this.fleet,
      backlogPerNode,
      target: plan.backlogPerNode,
    });
  }
}
