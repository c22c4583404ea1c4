import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Architecture } from '../architecture/architecture';
import type { AsyncPlan } from '../architecture/asynchronous';
import type { FleetPlan } from '../architecture/fleet';
import { WorkerFleet } from '../constructs/async/worker-fleet';
import {
  letLogIn,
  letRunRelease,
  letUseData,
  letUseFunctions,
  letUseNoSql,
  letUseShards,
} from '../constructs/compute/data-access';
import { letTakeReleases } from '../constructs/delivery/node-access';
import { NodeReports } from '../constructs/watching/node-reports';
import type { AppStack } from './app';
import type { AsyncStack } from './async';
import type { DataStack } from './data';
import type { FederationStack } from './federation';
import type { LoginsStack } from './logins';
import type { NetworkStack } from './network';
import type { NoSqlStack } from './no-sql';
import type { ShardsStack } from './shards';
import type { TablesStack } from './tables';

export interface WorkersStackProps extends StackProps {
  readonly architecture: Architecture;
  readonly plan: AsyncPlan;
  readonly fleet: FleetPlan;
  readonly network: NetworkStack;
  readonly data: DataStack;
  readonly app: AppStack;
  readonly async: AsyncStack;
  readonly federation?: FederationStack;
  readonly logins?: LoginsStack;
  readonly shards?: ShardsStack;
  readonly tables?: TablesStack;
  readonly noSql?: NoSqlStack;
}

/**
 * The nodes that work on queues. Apart from the queues, because it comes after the application's nodes, which the queues
 * come before: workers read what is published with the application, its release and its cookie.
 */
export class WorkersStack extends Stack {
  readonly workers: WorkerFleet;

  constructor(scope: Construct, id: string, props: WorkersStackProps) {
    const { architecture, plan, fleet: nodes, network, data, app, async, ...others } = props;
    const { federation, logins, shards, tables, noSql, ...rest } = others;
    super(scope, id, rest);
    const { environment, node, logDays, delivery } = architecture;
    this.workers = new WorkerFleet(this, 'Workers', {
      environment,
      plan: plan.workers,
      fleet: nodes,
      node,
      vpc: network.vpc,
      queues: async.queues.of('fleet'),
      allQueues: async.queues.all,
      pressure: plan.pressure,
      deployed: delivery !== undefined && delivery.mode !== 'blue-green',
      certified: app.authority !== undefined,
    });
    const { fleet } = this.workers;
    letRunRelease(fleet, node);
    letTakeReleases(fleet, { environment, bucket: data.buckets.releases, mode: delivery?.mode });
    new NodeReports(this, 'WorkerReports', { environment, role: 'worker', fleet, logDays });
    letUseData(fleet, data);
    letLogIn(fleet, logins?.logins);
    letUseFunctions(fleet, federation?.databases);
    letUseShards(fleet, shards?.store);
    tables?.letUse(fleet.role);
    letUseNoSql(fleet, noSql);
    app.cookie?.letRead(fleet);
    app.authority?.letRequest(fleet);
    this.addStackDependency(app, 'workers read at boot what is published with the application');
  }
}
