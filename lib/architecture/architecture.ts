import type { PhaseNumber } from '../config/configuration';
import type { SubnetPlan } from '../config/subnet-plan';
import type { CpuArchitecture, InstanceType } from '../facts/instance-type';
import type { NodeImage, NodeRole } from '../node/blueprint';

/**
 * What a phase builds for a given configuration, as plain data. Stacks, cost and capacity models all read this and
 * nothing else. A part that is absent is not built; the parts a phase retires are named in its file.
 */
export interface Architecture {
  readonly environment: string;
  readonly region: string;
  /** Days for which log groups keep their events. */
  readonly logDays: number;
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
  /** From phase 2: what spreads requests over fleets. */
  readonly ingress?: IngressPlan;
  /** From phase 2: the BEAM nodes. */
  readonly app?: FleetPlan;
  /** From phase 2, unless switched off: nginx reverse proxies before the app fleet. */
  readonly web?: FleetPlan;
  /** From phase 2: CloudFront and its firewall. */
  readonly edge?: EdgePlan;
  /** From phase 3: ElastiCache for Valkey. */
  readonly cache?: CachePlan;
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

/** How private nodes reach IPv4 addresses outside the VPC. */
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
}

/** What every node shares, whatever its role. */
export interface NodePlan {
  readonly image: NodeImage;
  readonly rootVolumeGiB: number;
  readonly releaseUri: string;
  /** ARN of a secret with variables that only the release needs, a JSON object. */
  readonly releaseSecretArn?: string;
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
  /** Contact for the certificate authority. */
  readonly email: string;
}

/** A group of nodes of one role, one BEAM (or one nginx) per instance. */
export interface FleetPlan {
  readonly role: NodeRole;
  readonly instanceType: InstanceType;
  readonly minNodes: number;
  readonly maxNodes: number;
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

export interface DatabasePlan {
  readonly name: string;
  readonly class: string;
  readonly engineVersion: string;
  readonly storageGiB: number;
  readonly maxStorageGiB: number;
  readonly multiAz: boolean;
  readonly backupDays: number;
  readonly insights: 'standard' | 'advanced';
  readonly slowQueryMs: number;
  /** From phase 3: read replicas behind one name. */
  readonly readers?: ReadersPlan;
}

export interface ReadersPlan {
  readonly count: number;
  readonly class: string;
}

export interface IngressPlan {
  /** `http` is an internal ALB behind CloudFront, `sockets` a public NLB that passes TCP through. */
  readonly kind: 'http' | 'sockets';
  /** Whether the load balancer pins a client to a node; off once sessions live in the cache. */
  readonly stickySessions: boolean;
}

export interface EdgePlan {
  /** Id of the list of addresses from which CloudFront reaches origins in the region. */
  readonly originPrefixList: string;
  /** Requests from one address in five minutes before the firewall blocks it. */
  readonly requestsPer5Minutes: number;
  readonly priceClass: 'PriceClass_100' | 'PriceClass_200' | 'PriceClass_All';
}

export interface CachePlan {
  readonly class: string;
  readonly replicas: number;
  readonly snapshotDays: number;
}

/** One step of the climb: what it adds to the architecture of the phase below, and what it makes superfluous. */
export interface Phase {
  readonly number: PhaseNumber;
  readonly name: string;
  /** What the phase brings, in the guide's words, for people. */
  readonly adds: string;
  /** Parts that the phase replaces by new ones; they stay while a climb expands and go when it contracts. */
  readonly retires: readonly RetirablePart[];
  /** What a climb into this phase has to move from the old parts to the new, between expanding and contracting. */
  readonly moves?: 'data' | 'traffic';
}

/** The parts that a later phase may retire. */
export type RetirablePart = 'localDatabase' | 'box';
