import type { Traffic } from '../config/traffic-settings';
import { STORE_KINDS, type StoreKind, shareOfKind } from '../facts/row-shares';
import { keyOf, type Place, placeOf } from '../template/references';
import type { Template, TemplateResource, Templates } from '../template/template';
import { inside, listInside, numberOf } from '../template/values';
import { ASSUMED, GB, HOURS } from './assumptions';

/** A resource and where it stands. */
export interface Found extends Place {
  readonly resource: TemplateResource;
}

/** Types of the stores of each kind, over which rows are split by lib/facts/row-shares.ts, and evenly within a kind. */
const STORES: Readonly<Record<StoreKind, readonly string[]>> = {
  relational: ['AWS::RDS::DBInstance'],
  aurora: ['AWS::RDS::DBCluster'],
  dsql: ['AWS::DSQL::Cluster'],
  tables: ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'],
  documents: ['AWS::DocDB::DBCluster'],
  graph: ['AWS::Neptune::DBCluster'],
  wide: ['AWS::Cassandra::Keyspace'],
};

/** Load of one store of a kind: its share of the environment's traffic. */
export interface StoreLoad {
  readonly reads: number;
  readonly writes: number;
  readonly gb: number;
}

/** Properties that name where failures go: of queues, functions and their sources, rules, schedules and subscriptions. */
const FAILURES = [
  ['RedrivePolicy', 'deadLetterTargetArn'],
  ['DeadLetterConfig', 'TargetArn'],
  ['DestinationConfig', 'OnFailure', 'Destination'],
  ['Targets', 'DeadLetterConfig', 'Arn'],
  ['Target', 'DeadLetterConfig', 'Arn'],
] as const;

const CACHES = ['AWS::ElastiCache::ReplicationGroup', 'AWS::ElastiCache::CacheCluster'];

/** All that a bill asks of a set of templates as a whole, found once. */
export class Survey {
  private readonly found: ReadonlyMap<string, readonly Found[]>;

  /** @param templates Templates with all that can be known of them carried out, as `resolved` does. */
  constructor(
    readonly templates: Templates,
    private readonly traffic: Traffic,
  ) {
    this.found = byType(templates);
  }

  /** Every resource. */
  all(): readonly Found[] {
    return [...this.found.values()].flat();
  }

  of(...types: readonly string[]): readonly Found[] {
    return types.flatMap((type) => this.found.get(type) ?? []);
  }

  /** The resource that a value points at, in its own template or another. */
  at(value: unknown, stack: string): Found | undefined {
    const place = placeOf(value, stack, this.templates);
    const resource = place && this.templates[place.stack]?.Resources[place.id];
    return place && resource && { ...place, resource };
  }

  template(stack: string): Template {
    return this.templates[stack] ?? { Resources: {} };
  }

  /** Requests a month that get past CloudFront, or all without one. */
  get originRequests(): number {
    const { requestsPerMonth, cdnHitPercent } = this.traffic;
    return this.hasEdge ? requestsPerMonth * (1 - cdnHitPercent / 100) : requestsPerMonth;
  }

  get hasEdge(): boolean {
    return this.of('AWS::CloudFront::Distribution').length > 0;
  }

  /** True when users reach the nodes past CloudFront, which has files alone then: a public load balancer for sockets. */
  get isDirect(): boolean {
    return this.of('AWS::ElasticLoadBalancingV2::LoadBalancer').some(
      ({ resource: { Properties = {} } }) =>
        Properties['Type'] === 'network' && (Properties['Scheme'] ?? 'internet-facing') === 'internet-facing',
    );
  }

  /** Requests a month that CloudFront takes: all, or those that it answers by itself. */
  get edgeRequests(): number {
    const { requestsPerMonth } = this.traffic;
    return this.isDirect ? requestsPerMonth - this.originRequests : requestsPerMonth;
  }

  /** GB a month that users get from CloudFront. */
  get edgeGB(): number {
    return this.isDirect ? this.outGB - this.originGB : this.outGB;
  }

  /** GB a month that users get: responses, and what connections that stay open carry to them. */
  get outGB(): number {
    return (this.traffic.requestsPerMonth * this.traffic.payloadBytes) / GB + this.connectionGB;
  }

  /** GB a month that leave the nodes for users. */
  get originGB(): number {
    return (this.originRequests * this.traffic.payloadBytes) / GB + this.connectionGB;
  }

  /** GB a month that users send as far as the nodes: requests, and what connections that stay open carry from them. */
  get inGB(): number {
    return (this.originRequests * ASSUMED.requestBytes) / GB + this.connectionGB;
  }

  /** GB a month that connections which stay open carry, each way. */
  private get connectionGB(): number {
    return (this.averageConnections * HOURS * 60 * ASSUMED.connectionBytesPerMinute) / GB;
  }

  /** Connections that stay open, over the whole month. */
  get averageConnections(): number {
    return this.traffic.connections / this.traffic.peakFactor;
  }

  /** Nodes that templates have running, fleets at what is billed. */
  get nodes(): number {
    const fleets = this.of('AWS::AutoScaling::AutoScalingGroup').map(({ resource }) => nodesOf(resource).billed);
    return fleets.reduce((sum, nodes) => sum + nodes, this.of('AWS::EC2::Instance').length);
  }

  /** GB of rows and what stands around them, once all months that are kept have passed. */
  get dataGB(): number {
    const { writesPerMonth, rowBytes, keepMonths } = this.traffic;
    return (writesPerMonth * keepMonths * rowBytes * ASSUMED.storedOverWritten) / GB;
  }

  /** Reads a month that no cache answers. */
  get storeReads(): number {
    const { readsPerMonth, cacheHitPercent } = this.traffic;
    return this.of(...CACHES).length > 0 ? readsPerMonth * (1 - cacheHitPercent / 100) : readsPerMonth;
  }

  private kinds: ReadonlySet<StoreKind> | undefined;

  /** Load of one store of a kind. */
  load(kind: StoreKind): StoreLoad {
    this.kinds ??= new Set(STORE_KINDS.filter((one) => this.stores(one).length > 0));
    const share = shareOfKind(kind, this.kinds) / Math.max(1, this.stores(kind).length);
    return { reads: this.storeReads * share, writes: this.traffic.writesPerMonth * share, gb: this.dataGB * share };
  }

  /** True when there is a store of rows, of whatever kind. */
  get hasStores(): boolean {
    return STORE_KINDS.some((kind) => this.stores(kind).length > 0);
  }

  /** Stores of a kind that have rows of their own: no replica, no member of a cluster, no table of the machinery. */
  stores(kind: StoreKind): readonly Found[] {
    return this.of(...STORES[kind]).filter(
      ({ resource }) =>
        !isReplica(resource.Properties ?? {}) && !isMember(resource.Properties ?? {}) && !isMachinery(resource),
    );
  }

  private queues: readonly Found[] | undefined;

  /** Queues that jobs enter: none that gets what others gave up, or could not deliver. */
  get workQueues(): readonly Found[] {
    this.queues ??= this.findWorkQueues();
    return this.queues;
  }

  private findWorkQueues(): readonly Found[] {
    const queues = this.of('AWS::SQS::Queue');
    const dead = new Set(
      this.all().flatMap(({ stack, resource }) =>
        FAILURES.flatMap((path) => {
          const target = inside(resource, ...path);
          const found = target === undefined ? undefined : this.at(target, stack);
          return found === undefined ? [] : [keyOf(found)];
        }),
      ),
    );
    return queues.filter((queue) => !dead.has(keyOf(queue)));
  }

  private calls: ReadonlyMap<string, readonly Found[]> | undefined;

  /** Rules and event sources that run a function. */
  callersOf(place: Place): readonly Found[] {
    this.calls ??= this.findCalls();
    return this.calls.get(keyOf(place)) ?? [];
  }

  private findCalls(): ReadonlyMap<string, readonly Found[]> {
    const calls = new Map<string, Found[]>();
    for (const caller of this.of('AWS::Events::Rule', 'AWS::Lambda::EventSourceMapping')) {
      const targets = listInside(caller.resource, 'Targets').map(({ Arn }) => Arn);
      for (const value of [...targets, caller.resource.Properties?.['FunctionName']]) {
        const target = value === undefined ? undefined : this.at(value, caller.stack);
        if (target === undefined) continue;
        const known = calls.get(keyOf(target)) ?? [];
        known.push(caller);
        calls.set(keyOf(target), known);
      }
    }
    return calls;
  }

  /** Jobs a month that functions work on. */
  get jobsOfFunctions(): number {
    const sources = this.of('AWS::Lambda::EventSourceMapping').map(({ stack, resource }) => {
      return this.at(resource.Properties?.['EventSourceArn'], stack)?.resource.Type;
    });
    return sources.filter((type) => type === 'AWS::SQS::Queue').length * this.jobsPerQueue;
  }

  /** Jobs a month that enter one queue. */
  get jobsPerQueue(): number {
    return this.traffic.jobsPerMonth / Math.max(1, this.workQueues.length);
  }
}

/** Nodes of an Auto Scaling group: what is billed is its desired capacity where the template says one, else its least. */
export function nodesOf({ Properties = {} }: TemplateResource): { billed: number; least: number; most: number } {
  const [least = 0, most = 0, desired] = ['MinSize', 'MaxSize', 'DesiredCapacity'].map((name) =>
    numberOf(Properties[name]),
  );
  return { billed: desired ?? least, least, most: Math.max(most, desired ?? least) };
}

/** True for a read replica. */
export function isReplica(properties: Readonly<Record<string, unknown>>): boolean {
  return properties['SourceDBInstanceIdentifier'] !== undefined;
}

function isMember(properties: Readonly<Record<string, unknown>>): boolean {
  return properties['DBClusterIdentifier'] !== undefined;
}

/** True for a table in which no row of the application is: the jobs that were done, or the places of shards. */
export function isMachinery(resource: TemplateResource): boolean {
  return isJobRecord(resource) || isShardMap(resource);
}

/**
 * True for a table in which functions remember the jobs that they did, as Powertools names its attributes: id and expiration.
 * Source: https://docs.powertools.aws.dev/lambda/typescript/latest/features/idempotency/ (2026-11-30)
 */
export function isJobRecord(resource: TemplateResource): boolean {
  return keysOf(resource) === 'id' && inside(resource, 'TimeToLiveSpecification', 'AttributeName') === 'expiration';
}

/** True for the house's own map of shards (lib/constructs/sharding). */
function isShardMap(resource: TemplateResource): boolean {
  return keysOf(resource) === 'pk sk' && inside(resource, 'TimeToLiveSpecification', 'AttributeName') === 'expires';
}

function keysOf(resource: TemplateResource): string {
  return listInside(resource, 'KeySchema')
    .map(({ AttributeName }) => String(AttributeName))
    .join(' ');
}

function byType(templates: Templates): ReadonlyMap<string, readonly Found[]> {
  const found = new Map<string, Found[]>();
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const [id, resource] of Object.entries(Resources)) {
      const alike = found.get(resource.Type) ?? [];
      alike.push({ stack, id, resource });
      found.set(resource.Type, alike);
    }
  }
  return found;
}
