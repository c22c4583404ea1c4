import type { SubnetPlan } from '../config/subnet-plan';
import type { CpuArchitecture } from '../facts/instance-type';
import type { NodeImage } from '../node/blueprint';
import type { AsyncPlan } from './asynchronous';
import type { AlertsPlan, DeliveryPlan, OperationsPlan } from './automation';
import type { ClusterPlan } from './cluster';
import type { DatabasePlan } from './database';
import type { FunctionPlan, NoSqlPlan, ReadModelPlan, ShardingPlan, TablePlan, WarehousePlan } from './extreme';
import type { FleetPlan } from './fleet';
import type { MoverPlan } from './mover';

export type { DatabasePlan, ReadersPlan } from './database';
export type { FleetPlan } from './fleet';
export type { Phase, RetirablePart, TransientPart } from './phase';

/**
 * Everything that a phase builds for a given configuration, as plain data: the only input of the stacks. A part
 * that is absent is not built; the parts a phase retires are named in its file.
 */
export interface Architecture {
  readonly environment: string;
  readonly region: string;
  /** Days for which log groups keep their events. */
  readonly logDays: number;
  /** True when every stack and load balancer is protected from deletion, not only those that hold data. */
  readonly allProtected: boolean;
  readonly network: NetworkPlan;
  readonly storage: StoragePlan;
  readonly node: NodePlan;
  /** The public name, when the configuration has one. */
  readonly domain?: DomainPlan;
  /** Phases 0 and 1: a fleet of exactly one. */
  readonly box?: BoxPlan;
  /** Phase 0: PostgreSQL on the box. */
  readonly localDatabase?: LocalDatabasePlan;
  /** From phase 1: RDS for PostgreSQL. */
  readonly database?: DatabasePlan;
  /** Phase 6, for one deployment: the database that it has taken over from, which nobody uses any more. */
  readonly formerDatabase?: DatabasePlan;
  /** While a climb that moves data expands: the machine that moves them. */
  readonly mover?: MoverPlan;
  /** From phase 2: what spreads requests over fleets. */
  readonly ingress?: IngressPlan;
  /** From phase 2: the BEAM nodes. */
  readonly app?: FleetPlan;
  /** From phase 2, unless nodes speak plain: distribution over mutual TLS. */
  readonly cluster?: ClusterPlan;
  /** From phase 2, unless switched off: nginx reverse proxies before the app fleet. */
  readonly web?: FleetPlan;
  /** From phase 2: CloudFront and its firewall. */
  readonly edge?: EdgePlan;
  /** From phase 3: ElastiCache for Valkey. */
  readonly cache?: CachePlan;
  /** From phase 4: how releases are built and reach the nodes. */
  readonly delivery?: DeliveryPlan;
  /** From phase 4: whom alarms call. */
  readonly alerts?: AlertsPlan;
  /** From phase 4: backups, trail, budget, patches, images. */
  readonly operations?: OperationsPlan;
  /** From phase 5: queues and who works on them. */
  readonly async?: AsyncPlan;
  /** From phase 6: a database for each function, instead of the one write master. */
  readonly functions?: readonly FunctionPlan[];
  /** From phase 6, unless switched off: rows spread by key. */
  readonly sharding?: ShardingPlan;
  /** From phase 6: DynamoDB. */
  readonly tables?: readonly TablePlan[];
  readonly readModels?: readonly ReadModelPlan[];
  /** From phase 6, unless switched off: Redshift Serverless. */
  readonly warehouse?: WarehousePlan;
  /** From phase 6, where switched on. */
  readonly noSql?: NoSqlPlan;
}

export interface NetworkPlan {
  readonly cidr: string;
  readonly subnets: SubnetPlan;
  /** Explicit zone names, or undefined for the account's first three. */
  readonly availabilityZones?: readonly string[];
  readonly egress: EgressPlan;
  readonly interfaceEndpoints: readonly string[];
  readonly flowLogDays: number;
}

/** Way of private nodes to IPv4 addresses outside the VPC. */
export type EgressPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'instance' }
  | { readonly kind: 'gateway'; readonly gateways: number };

export interface StoragePlan {
  readonly noncurrentDays: number;
  readonly uploadsInfrequentAccessDays: number;
  readonly logDays: number;
  readonly backupDays: number;
  /** From phase 1: buckets for assets and uploads. */
  readonly userFiles: boolean;
  /** From phase 5: whether EventBridge hears of uploads. */
  readonly uploadEvents?: boolean;
  /** From phase 4: whether EventBridge hears of sources that are put beside the releases. */
  readonly sourceEvents?: boolean;
}

/** Settings that all nodes share, whatever their role. */
export interface NodePlan {
  readonly image: NodeImage;
  readonly rootVolumeGiB: number;
  readonly releaseUri: string;
  /** ARN of a secret with variables that only the release needs, a JSON object. */
  readonly releaseSecretArn?: string;
  /** ARN of a secret with the Sentry DSN, from phase 4. */
  readonly sentrySecretArn?: string;
  /** From phase 4: whether nodes start from the golden image of the environment instead of its maker's. */
  readonly goldenImages?: boolean;
  readonly releaseArchitecture: CpuArchitecture;
  readonly appPort: number;
  readonly tlsPort: number;
  readonly healthPath: string;
  readonly evictPerSecond: number;
}

export interface DomainPlan {
  readonly name: string;
  readonly hostedZoneId: string;
  readonly hostedZoneName: string;
  /** Contact for the certificate authority, of which the box gets its certificate: fleets have AWS's. */
  readonly email?: string;
}

export interface BoxPlan extends FleetPlan {
  readonly role: 'box';
  /** CIDRs that may reach port 22; empty for Session Manager only. */
  readonly sshFrom: readonly string[];
}

export interface LocalDatabasePlan {
  readonly name: string;
  readonly volumeGiB: number;
  /** Days for which daily snapshots of the volume are kept. */
  readonly snapshotDays: number;
}

export interface IngressPlan {
  /** `http` is an internal ALB behind CloudFront, `sockets` a public NLB that passes TCP through. */
  readonly kind: 'http' | 'sockets';
  /** True when the load balancer pins a client to a node; off once sessions live in the cache. */
  readonly stickySessions: boolean;
}

export interface EdgePlan {
  /** Id of the list of addresses from which CloudFront reaches origins in the region. */
  readonly originPrefixList: string;
  /** Requests from one address in five minutes before the firewall blocks it. */
  readonly requestsPer5Minutes: number;
  readonly priceClass: 'PriceClass_100' | 'PriceClass_200' | 'PriceClass_All';
  /** With a public name: whether the load balancer behind CloudFront answers HTTP besides HTTPS. */
  readonly originPorts: 'both' | 'https';
}

export interface CachePlan {
  readonly class: string;
  readonly replicas: number;
  readonly snapshotDays: number;
}
