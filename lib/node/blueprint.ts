import type { CpuArchitecture, InstanceType } from '../facts/instance-type';

/** Role of a node. A fleet holds nodes of one role. */
export type NodeRole = 'box' | 'web' | 'app' | 'worker' | 'mover';

/** The operating systems a node can boot; only `lib/node` knows how they differ. */
export type NodeImage = 'amazon-linux-2023' | 'debian-13';

/**
 * Steps of a boot, in their order. Each has a script of the same name in
 * `lib/node/boot/steps`; the first that fails ends the boot.
 */
export type BootStep =
  /** Download and unpack the release, first of all: what cannot run here must not take the address or the volume. */
  | 'fetch'
  /** Refuse a release built for another CPU or a newer C library, in one line. */
  | 'check'
  /** sysctl, open files, swap: from the instance's size. */
  | 'kernel'
  /** Take the fleet's Elastic IP (box only). */
  | 'address'
  /** Attach, make (once) and mount the data volume (box only). */
  | 'volume'
  /** PostgreSQL on the data volume, with backups to S3 (box with a local database only). */
  | 'database'
  /** Install what moves data between databases: Node.js and the client of PostgreSQL (mover only). */
  | 'mover'
  /** Support for jobs: protection from scale-in while one is under way, time to end when the node stops (worker only). */
  | 'worker'
  /** Learn every few seconds whether low-priority work is to be turned away. */
  | 'pressure'
  /** In a warm pool: stop here until the node is needed, and boot again from the start when it is. */
  | 'warm'
  /** Get a certificate by which other nodes know this one, and renew it while the node lives (distribution over TLS only). */
  | 'cluster'
  /** Run the migrations of the release, under a lock in its databases. */
  | 'migrate'
  /** Give the release its environment and cookie, and start it as one BEAM under systemd. */
  | 'release'
  /** Look once a night whether the database login has changed, and start the release anew (box only). */
  | 'credentials'
  /** nginx in front of the node, with certificates when there is a domain. */
  | 'proxy'
  /** Leave the load balancer and let connections go, or jobs end, before the instance ends. */
  | 'drain'
  /** CodeDeploy's agent, by which releases reach a running node (phase 4 and later). */
  | 'agent'
  /** CloudWatch's agent: memory, disk, connection tracking and logs. */
  | 'reports'
  /** Wait for the health check to answer, then tell CloudFormation. */
  | 'ready';

/** All that the files on a node depend on. Nothing in it changes when an endpoint does. */
export interface NodeBlueprint {
  readonly environment: string;
  readonly region: string;
  readonly role: NodeRole;
  readonly instanceType: InstanceType;
  readonly image: NodeImage;
  /** CPU architecture of the release; must be the instance's. */
  readonly releaseArchitecture: CpuArchitecture;
  /** Port on which the release speaks HTTP, 1024 to 32767. */
  readonly appPort: number;
  /** Port on which the release speaks TLS itself (`ingress: sockets`), 1024 to 32767. */
  readonly tlsPort: number;
  /** Path and query of the health check, for example `/`. */
  readonly healthPath: string;
  /** Connections that a draining node lets go per second. */
  readonly evictPerSecond: number;
  /** TCP passed through to the node, TLS included, instead of HTTP (`ingress: sockets`). */
  readonly passThrough: boolean;
  /**
   * Store of sessions: with the node that serves them, or in the cache. Nodes read endpoints only when they boot, so
   * a change of this is in their files and rolls the fleet.
   */
  readonly sessions?: 'node' | 'cache';
  /** The release that the configuration names; in the files of its fleet for the same reason. */
  readonly releaseUri?: string;
  readonly steps: readonly BootStep[];
  /** Load shedding when the queues do not keep up; left out, there is none. */
  readonly pressure?: NodePressure;
  /** Jobs of a worker; left out for other roles. */
  readonly jobs?: NodeJobs;
}

/** Requests that a node turns away while the system sheds load, and its answer to them. */
export interface NodePressure {
  /** Value of `Retry-After`, seconds. */
  readonly retryAfterSeconds: number;
  /** Prefixes of the requests that can wait, each longer than `/`. */
  readonly lowPriorityPaths: readonly string[];
}

/** The work of a worker. */
export interface NodeJobs {
  /** Names of the queues that it takes jobs from. */
  readonly queues: readonly string[];
  /** Jobs under way at once. */
  readonly atOnce: number;
  /** Longest that a job may still take when the node is to end, seconds. */
  readonly drainSeconds: number;
}
