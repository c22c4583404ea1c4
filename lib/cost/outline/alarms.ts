import type { Architecture, DatabasePlan } from '../../architecture/architecture';
import type { AsyncPlan } from '../../architecture/asynchronous';
import { classSize } from '../../facts/class-size';

/** Alarms that look at one metric each, those that combine others, and own metrics that alarms look at. */
export interface Alarms {
  readonly alarms: number;
  readonly composites: number;
  readonly ownMetrics: number;
}

/**
 * Counts of the watching of phase 4 and later, a row for each subject. They follow the rows of lib/constructs/watching and its
 * neighbours, in which a band of what is usual counts for three; a test compares them with templates.
 */
const WATCHED = {
  environment: { alarms: 9, composites: 3 },
  app: { alarms: 27, composites: 2, ownMetrics: 3 },
  web: { alarms: 28, composites: 2, ownMetrics: 3 },
  extremeData: { alarms: 2 },
  writer: { alarms: 12, composites: 2 },
  replica: { alarms: 10, composites: 2 },
  cacheNode: { alarms: 5 },
  gateway: { alarms: 2 },
  gateways: { composites: 1 },
  trail: { alarms: 4, composites: 2 },
  cluster: { alarms: 2, composites: 1 },
  domain: { alarms: 2, composites: 2 },
  deployments: { alarms: 1, composites: 1 },
  workers: { alarms: 4, composites: 3, ownMetrics: 1 },
  queue: { alarms: 6, composites: 1 },
  lambdaQueue: { alarms: 5, composites: 1 },
  /** CPU credits of a fleet or a database of a burstable type. */
  credits: { alarms: 1 },
} as const satisfies Readonly<Record<string, Partial<Alarms>>>;

/** Sockets have fewer metrics than requests. */
const FEWER_OF_SOCKETS = { front: 4, web: 2 } as const;

/** Counts what watches an architecture: from phase 1 one alarm, from phase 2 those of certificates, from phase 4 all. */
export function alarmsOf(architecture: Architecture): Alarms {
  const { alerts, database, functions, cluster } = architecture;
  const relational = database !== undefined || functions !== undefined;
  const early = (relational ? 1 : 0) + (cluster === undefined ? 0 : WATCHED.cluster.alarms);
  if (alerts === undefined) return { alarms: early, composites: 0, ownMetrics: 0 };
  const rows: Partial<Alarms>[] = [
    WATCHED.environment,
    ...ofFleets(architecture),
    ...ofData(architecture),
    ...ofSurroundings(architecture),
  ];
  const sum = (of: keyof Alarms): number => rows.reduce((all, row) => all + (row[of] ?? 0), 0);
  return { alarms: sum('alarms'), composites: sum('composites'), ownMetrics: sum('ownMetrics') };
}

function ofFleets({ app, web, ingress, async }: Architecture): Partial<Alarms>[] {
  const sockets = ingress?.kind === 'sockets';
  const fewer = (sockets ? FEWER_OF_SOCKETS.front : 0) + (sockets && web !== undefined ? FEWER_OF_SOCKETS.web : 0);
  const burstable = [app, web].filter((fleet) => fleet?.instanceType.burstable);
  return [
    ...(app === undefined ? [] : [WATCHED.app]),
    ...(web === undefined ? [] : [WATCHED.web]),
    ...burstable.map(() => WATCHED.credits),
    { alarms: -fewer },
    ...(async === undefined ? [] : ofQueues(async)),
  ];
}

function ofQueues({ queues }: AsyncPlan): Partial<Alarms>[] {
  return [WATCHED.workers, ...queues.map(({ worker }) => (worker === 'lambda' ? WATCHED.lambdaQueue : WATCHED.queue))];
}

function ofData({ database, functions, cache }: Architecture): Partial<Alarms>[] {
  const single = functions === undefined && database !== undefined ? [database] : [];
  const watched = [
    ...single.flatMap(withReplicas),
    ...(functions ?? []).flatMap((plan) => server(plan.class, WATCHED.writer)),
  ];
  const nodes = cache === undefined ? 0 : 1 + cache.replicas;
  return [
    ...watched,
    ...(functions === undefined ? [] : [WATCHED.extremeData]),
    { alarms: nodes * WATCHED.cacheNode.alarms },
  ];
}

function withReplicas(plan: DatabasePlan): Partial<Alarms>[] {
  const { count = 0, class: name = plan.class } = plan.readers ?? {};
  const replicas = Array.from({ length: count }, () => server(name, WATCHED.replica));
  return [...server(plan.class, WATCHED.writer), ...replicas.flat()];
}

function server(name: string, row: Partial<Alarms>): Partial<Alarms>[] {
  return classSize(name)?.burstable === true ? [row, WATCHED.credits] : [row];
}

function ofSurroundings({ network, operations, delivery, domain, cluster }: Architecture): Partial<Alarms>[] {
  const gateways = network.egress.kind === 'gateway' ? network.egress.gateways : 0;
  return [
    { alarms: gateways * WATCHED.gateway.alarms },
    ...(gateways > 0 ? [WATCHED.gateways] : []),
    ...(operations?.trail === undefined ? [] : [WATCHED.trail]),
    ...(domain === undefined ? [] : [WATCHED.domain]),
    ...(cluster === undefined ? [] : [WATCHED.cluster]),
    ...(delivery?.mode === 'blue-green' ? [] : [WATCHED.deployments]),
  ];
}
