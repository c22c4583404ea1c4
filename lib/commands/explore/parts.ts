import type { Architecture, DatabasePlan, FleetPlan } from '../../architecture/architecture';
import type { ShardingPlan } from '../../architecture/extreme';

/** Rows of the picture: the way from a user to the data, and what stands beside it. */
export const LANES = ['edge', 'front', 'servers', 'data', 'work', 'files', 'operations'] as const;

export type Lane = (typeof LANES)[number];

export const LANE_NAMES: Readonly<Record<Lane, string>> = {
  edge: 'At the edge',
  front: 'Front',
  servers: 'Servers',
  work: 'Work that nobody waits for',
  data: 'Data',
  files: 'Files',
  operations: 'Operations',
};

/** One box of the picture. */
export interface Part {
  /** The same in every phase that has it. */
  readonly id: string;
  readonly lane: Lane;
  readonly title: string;
  readonly detail: string;
  /** Absent where no data are held that anybody would miss. */
  readonly data?: {
    /** Why data may be lost or out of reach here; absent where a zone may go. */
    readonly risk?: string;
  };
}

/** A box with what the step from the phase below does to it. */
export interface PictureBox extends Part {
  readonly change: 'stays' | 'added' | 'changed' | 'retired';
}

/** The picture of an architecture: its boxes, and those of the one below that the step retires. */
export function pictureOf(architecture: Architecture, below?: Architecture): PictureBox[] {
  const parts = partsOf(architecture);
  if (below === undefined) return parts.map((part) => ({ ...part, change: 'stays' }));
  const before = new Map(partsOf(below).map((part) => [part.id, part]));
  const now = new Set(parts.map(({ id }) => id));
  const boxes = parts.map((part): PictureBox => {
    const was = before.get(part.id);
    if (was === undefined) return { ...part, change: 'added' };
    return { ...part, change: was.detail === part.detail && was.title === part.title ? 'stays' : 'changed' };
  });
  const retired = [...before.values()].filter(({ id }) => !now.has(id));
  return [...boxes, ...retired.map((part): PictureBox => ({ ...part, change: 'retired' }))];
}

/** Everything that an architecture consists of, in the words of a picture. */
export function partsOf(architecture: Architecture): Part[] {
  return [
    ...edgeParts(architecture),
    ...serverParts(architecture),
    ...asyncParts(architecture),
    ...dataParts(architecture),
    ...extremeParts(architecture),
    ...fileParts(architecture),
    ...operationsParts(architecture),
  ];
}

function edgeParts({ edge, ingress, web, network }: Architecture): Part[] {
  const parts: Part[] = [];
  if (edge !== undefined)
    parts.push({ id: 'edge', lane: 'edge', title: 'CloudFront', detail: 'with a firewall (AWS WAF) before it' });
  if (ingress !== undefined) {
    const name = ingress.kind === 'http' ? 'Application Load Balancer' : 'Network Load Balancer';
    const sticky = ingress.stickySessions ? 'a client stays on its node' : 'any node serves any client';
    parts.push({ id: 'ingress', lane: 'front', title: name, detail: sticky });
  }
  if (web !== undefined)
    parts.push({ id: 'web', lane: 'front', title: 'nginx reverse proxies', detail: fleetInWords(web) });
  if (network.egress.kind !== 'none') {
    const { egress } = network;
    const detail = egress.kind === 'gateway' ? plural(egress.gateways, 'NAT gateway') : 'one NAT instance';
    parts.push({ id: 'egress', lane: 'front', title: 'Way out of private nodes', detail });
  }
  return parts;
}

function serverParts({ box, app }: Architecture): Part[] {
  const parts: Part[] = [];
  if (box !== undefined) {
    const detail = `one ${box.instanceType.name}, all the work`;
    parts.push({ id: 'box', lane: 'servers', title: 'Single server', detail });
  }
  if (app !== undefined)
    parts.push({ id: 'app', lane: 'servers', title: 'App fleet (BEAM nodes)', detail: fleetInWords(app) });
  return parts;
}

function asyncParts({ async }: Architecture): Part[] {
  if (async === undefined) return [];
  const { queues, workers, schedules } = async;
  const names = queues.map(({ name }) => name).join(', ');
  const parts: Part[] = [
    {
      ...{ id: 'queues', lane: 'work', title: `${plural(queues.length, 'SQS queue')}, each with a dead-letter queue` },
      detail: schedules.length === 0 ? names : `${names}; ${plural(schedules.length, 'schedule')}`,
      data: {},
    },
  ];
  if (workers.fleet !== undefined)
    parts.push({ id: 'workers', lane: 'work', title: 'Worker fleet', detail: fleetInWords(workers.fleet, true) });
  const onLambda = queues.filter(({ worker }) => worker === 'lambda').length;
  if (onLambda > 0) {
    const detail = `for ${plural(onLambda, 'queue')}, up to ${workers.lambdaConcurrency} at once`;
    parts.push({ id: 'lambda', lane: 'work', title: 'Lambda workers', detail });
  }
  return parts;
}

function dataParts({ localDatabase, database, cache, functions }: Architecture): Part[] {
  const parts: Part[] = [];
  if (localDatabase !== undefined) {
    parts.push({
      ...{ id: 'localDatabase', lane: 'data', title: 'PostgreSQL on the box' },
      detail: `${localDatabase.volumeGiB} GiB, ${localDatabase.snapshotDays} daily snapshots`,
      data: { risk: 'one disk in one zone: what was written since the last daily snapshot may be lost with it' },
    });
  }
  if (cache !== undefined) {
    const copies = cache.replicas === 0 ? 'no replica' : plural(cache.replicas, 'replica');
    const risk = cache.replicas === 0 ? { risk: 'no replica: sessions are gone with its node' } : {};
    const detail = `${cache.class}, ${copies}`;
    parts.push({ id: 'cache', lane: 'data', title: 'Valkey cache', detail, data: risk });
  }
  if (database !== undefined && functions === undefined)
    parts.push(...databaseParts('database', 'RDS for PostgreSQL', database));
  return parts;
}

function databaseParts(id: string, title: string, plan: DatabasePlan): Part[] {
  const { class: name, multiAz, storageGiB, readers, backupDays } = plan;
  const standby = multiAz ? 'a standby in another zone' : 'no standby';
  const risk = multiAz ? {} : { risk: 'no standby: with its zone it is out of reach, and restored from its backup' };
  const primary: Part = {
    ...{ id, lane: 'data', title },
    detail: `${name}, ${storageGiB} GiB, ${standby}, ${backupDays} days of backups`,
    data: risk,
  };
  if (readers === undefined || readers.count === 0) return [primary];
  const detail = `${readers.count} x ${readers.class}`;
  return [primary, { id: `${id}/readers`, lane: 'data', title: `Read replicas of ${title}`, detail }];
}

function extremeParts({ functions, sharding, tables, readModels, warehouse, noSql }: Architecture): Part[] {
  const parts: Part[] = (functions ?? []).flatMap((plan) =>
    databaseParts(`function/${plan.function}`, `PostgreSQL of ${plan.function}`, plan),
  );
  const add = (id: string, title: string, detail: string): void => {
    parts.push({ id, lane: 'data', title, detail, data: {} });
  };
  if (sharding !== undefined) add('sharding', 'Rows sharded by key', shardingInWords(sharding));
  const models = readModels ?? [];
  if (tables !== undefined && tables.length + models.length > 0) {
    const names = tables.map(({ name }) => name).join(', ');
    const detail = models.length === 0 ? names : `${names}; ${plural(models.length, 'read model')}`;
    add('tables', 'DynamoDB tables', detail);
  }
  if (warehouse !== undefined)
    add('warehouse', 'Redshift Serverless', `${warehouse.baseRpu} processing units, fed by zero-ETL`);
  if (noSql?.documents !== undefined)
    add('documents', 'DocumentDB', `${noSql.documents.instances} x ${noSql.documents.class}`);
  if (noSql?.wideColumns) add('wide', 'Amazon Keyspaces', 'wide columns');
  if (noSql?.graph !== undefined) add('graph', 'Neptune', plural(noSql.graph.instances, 'instance'));
  return parts;
}

function shardingInWords(plan: ShardingPlan): string {
  switch (plan.engine) {
    case 'clusters':
      return `${plural(plan.clusters, 'Aurora cluster')} of ${plan.minCapacity} to ${plan.maxCapacity} ACU`;
    case 'limitless':
      return `Aurora Limitless, up to ${plan.maxCapacity} ACU`;
    case 'dsql':
      return 'Aurora DSQL';
  }
}

function fileParts({ storage }: Architecture): Part[] {
  const what = storage.userFiles ? 'releases, backups, logs, assets and uploads' : 'releases, backups and logs';
  return [{ id: 'files', lane: 'files', title: 'S3 buckets', detail: what, data: {} }];
}

function operationsParts({ delivery, alerts, operations }: Architecture): Part[] {
  const parts: Part[] = [];
  const add = (id: string, title: string, detail: string): void => {
    parts.push({ id, lane: 'operations', title, detail });
  };
  if (delivery !== undefined)
    add('delivery', 'Delivery', `${delivery.mode}${delivery.source === undefined ? '' : ', with a pipeline'}`);
  if (alerts !== undefined) add('alerts', 'Alarms and dashboards', 'one alarm pages');
  if (operations !== undefined) {
    const { backupDays, backupMonths, trail } = operations;
    add('backups', 'AWS Backup', `${backupDays} daily and ${backupMonths} monthly backups`);
    if (trail !== undefined) add('trail', 'CloudTrail', `of the ${trail.kind}`);
  }
  return parts;
}

/** `5 to 9 x c7i.xlarge, follows its load`. */
function fleetInWords(
  { instanceType, minNodes, maxNodes, scaling }: FleetPlan,
  scales = scaling !== undefined,
): string {
  const count = !scales || minNodes === maxNodes ? `${minNodes}` : `${minNodes} to ${maxNodes}`;
  return `${count} x ${instanceType.name}${scales ? ', follows its load' : ''}`;
}

function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
