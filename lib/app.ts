import type { App, Stack, StackProps } from 'aws-cdk-lib';
import type { Architecture } from './architecture/architecture';
import { architectureOf } from './architecture/phases';
import type { Configuration } from './config/configuration';
import { AppStack } from './stacks/app';
import { AsyncStack } from './stacks/async';
import { BackupCopyStack } from './stacks/backup-copy';
import { DataStack } from './stacks/data';
import { DeliveryStack } from './stacks/delivery';
import { EdgeStack } from './stacks/edge';
import { CLOUDFRONT_REGION, EdgeGlobalStack } from './stacks/edge-global';
import { FederationStack } from './stacks/federation';
import { GateStack } from './stacks/gate';
import { LoginsStack } from './stacks/logins';
import { NetworkStack } from './stacks/network';
import { NoSqlStack } from './stacks/no-sql';
import { type Operated, OperationsStack } from './stacks/operations';
import { OperationsGlobalStack } from './stacks/operations-global';
import { partsOf, ShardClustersStack } from './stacks/shard-clusters';
import { ShardsStack } from './stacks/shards';
import { TablesStack } from './stacks/tables';
import { WarehouseStack } from './stacks/warehouse';
import { WorkersStack } from './stacks/workers';

/** Builds the stacks of one environment at one phase. They are named `<environment>-<part>`, the same in every phase. */
export function buildApp(app: App, configuration: Configuration): readonly Stack[] {
  const architecture = architectureOf(configuration);
  const { environment, region, edge, domain, delivery, async, functions } = architecture;
  const { sharding, tables: tablePlans, readModels = [], warehouse, noSql } = architecture;
  const name = (part: string): string => `${environment}-${part}`;
  const tags = { 'beamstalk:environment': environment };
  // Stacks that hold data are protected by themselves, whatever is said here.
  const protection = architecture.allProtected ? { terminationProtection: true } : {};
  const common: Common = { architecture, tags, env: { region }, ...protection };

  const { phase, from, force, accepted } = configuration;
  const gate = new GateStack(app, name('gate'), { ...common, climb: { phase, from }, force, accepted });
  const network = new NetworkStack(app, name('network'), common);
  // Everything else stands on the network, so a refusal at the gate stops the whole deployment.
  network.addStackDependency(gate, 'the gate judges a climb before anything is touched');
  const data = new DataStack(app, name('data'), { ...common, network });
  const stacks: Stack[] = [gate, network, data];
  // What holds data comes before what computes on it.
  const federation = functions && new FederationStack(app, name('federation'), { ...common, functions, network, data });
  if (federation) stacks.push(federation);
  const shards = sharding && new ShardsStack(app, name('shards'), { ...common, plan: sharding, network });
  if (shards) stacks.push(shards);
  if (shards && sharding.engine === 'clusters') {
    for (const part of partsOf(sharding)) {
      const props = { ...common, plan: sharding, part, network, shards };
      stacks.push(new ShardClustersStack(app, name(`shards-${part}`), props));
    }
  }
  const databases = data.database ?? federation;
  const logins = databases && new LoginsStack(app, name('logins'), { ...common, network, data, federation, shards });
  if (logins) stacks.push(logins);
  const tables = tablePlans && new TablesStack(app, name('tables'), { ...common, tables: tablePlans, readModels });
  if (tables) {
    tables.addStackDependency(gate, 'it stands on nothing else that waits for the gate');
    stacks.push(tables);
  }
  const others = noSql && new NoSqlStack(app, name('no-sql'), { ...common, plan: noSql, network });
  if (others) stacks.push(others);
  const work = async && new AsyncStack(app, name('async'), { ...common, plan: async, data });
  if (work) {
    work.addStackDependency(gate, 'it may stand on nothing else that waits for the gate');
    stacks.push(work);
  }
  const stores = { network, data, federation, logins, shards, tables, noSql: others };
  const compute = new AppStack(app, name('app'), { ...common, ...stores, async: work });
  stacks.push(compute);
  const fleet = async?.workers.fleet;
  let workers: WorkersStack | undefined;
  if (work && fleet) {
    const nodes = { plan: async, fleet, ...stores, app: compute, async: work };
    workers = new WorkersStack(app, name('workers'), { ...common, ...nodes });
    stacks.push(workers);
  }

  let front: EdgeStack | undefined;
  let global: EdgeGlobalStack | undefined;
  if (edge) {
    global = new EdgeGlobalStack(app, name('edge-global'), {
      ...common,
      env: { region: CLOUDFRONT_REGION },
      edge,
    });
    global.addStackDependency(gate, 'it stands on nothing else that waits for the gate');
    front = new EdgeStack(app, name('edge'), { ...common, data, app: compute, global });
    stacks.push(global, front);
  } else if (domain) {
    stacks.push(new EdgeStack(app, name('edge'), { ...common, data, app: compute }));
  }
  if (warehouse) {
    const sources = { network, federation, tables };
    stacks.push(new WarehouseStack(app, name('warehouse'), { ...common, plan: warehouse, ...sources }));
  }
  const nodes = { app: compute, workers: workers?.workers.fleet };
  const deliveries =
    delivery && new DeliveryStack(app, name('delivery'), { ...common, plan: delivery, data, ...nodes });
  if (deliveries) stacks.push(deliveries);
  const operated = {
    ...{ network, data, federation, logins, shards, tables },
    ...{ app: compute, edge: front, async: work, workers, delivery: deliveries },
  };
  stacks.push(...operationsOf(app, common, gate, { ...operated, edgeGlobal: global }));
  return stacks;
}

/** What is the same for every stack of an environment. */
interface Common extends StackProps {
  readonly architecture: Architecture;
  readonly env: { readonly region: string };
}

/** Watches, keeps and renews what the other stacks are, in each region where something of it has to stand. */
function operationsOf(app: App, common: Common, gate: Stack, operated: Operated): Stack[] {
  const { environment, alerts, operations, region } = common.architecture;
  if (alerts === undefined || operations === undefined) return [];
  const stacks: Stack[] = [];
  const edgeReportsHere = region === CLOUDFRONT_REGION;
  let copy: BackupCopyStack | undefined;
  if (operations.copyRegion !== undefined) {
    const there = { env: { region: operations.copyRegion }, lock: operations.vaultLock };
    copy = new BackupCopyStack(app, `${environment}-backup-copy`, { ...common, ...there });
    copy.addStackDependency(gate, 'it stands on nothing else that waits for the gate');
    stacks.push(copy);
  }
  const props = { ...common, alerts, operations, operated, copy, edgeReportsHere };
  stacks.push(new OperationsStack(app, `${environment}-operations`, props));
  const { edge, edgeGlobal: global } = operated;
  if (edge && global && !edgeReportsHere) {
    const there = { env: { region: CLOUDFRONT_REGION }, alerts, edge, global };
    stacks.push(new OperationsGlobalStack(app, `${environment}-operations-global`, { ...common, ...there }));
  }
  return stacks;
}
