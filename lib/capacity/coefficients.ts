import { SHARDED_SHARE } from '../facts/row-shares';

/**
 * Sureness of a figure. `sourced`: a page of AWS or of the program says so. `measured`: a command of this project, or
 * of its own bench, printed it. `fitted`: from the user's load steps. `assumed`: nobody measured it here.
 */
export type Basis = 'sourced' | 'measured' | 'fitted' | 'assumed';

/** From the surest to the least sure. */
const BY_TRUST: readonly Basis[] = ['sourced', 'measured', 'fitted', 'assumed'];

/** The least sure of several. */
export function weakest(...bases: readonly Basis[]): Basis {
  return BY_TRUST[Math.max(...bases.map((basis) => BY_TRUST.indexOf(basis)))] ?? 'assumed';
}

/** A figure that the models reckon with. */
export interface Coefficient {
  readonly value: number;
  readonly unit: string;
  readonly basis: Basis;
  /** Page, command or reason, with its date. */
  readonly source: string;
}

const assumed = (value: number, unit: string, why: string): Coefficient => ({
  value,
  unit,
  basis: 'assumed',
  source: `assumed on 2026-11-30: ${why}`,
});

const sourced = (value: number, unit: string, source: string): Coefficient => ({
  value,
  unit,
  basis: 'sourced',
  source,
});

/** Every figure of the capacity model; `docs/capacity.md` lists them from here. */
export const COEFFICIENTS = {
  secondsPerRequest: assumed(
    0.002,
    'CPU seconds for a dynamic request',
    'the same as the default of scaling.requestsPerNode, 12,000 a minute on two vCPUs at a fifth of them; measure your own release',
  ),
  secondsInFlight: assumed(0.05, 'seconds that a request is under way', 'some queries and a little work'),
  secondsPerProxied: assumed(0.0001, 'CPU seconds for a request that nginx passes on', 'without TLS or compression'),
  pingSeconds: {
    value: 0.000108,
    unit: 'CPU seconds for a ping of a connection',
    basis: 'measured',
    source:
      '21.5 % of a core at 2,000 pings a second (npm run bench:node -- hold), OTP 27 with +sbwt none, 2026-11-30; 12.2 % on the day before, on the same machine',
  },
  pingEverySeconds: assumed(30, 'seconds between pings of a connection', "Phoenix's heartbeat"),
  secondsPerJob: assumed(
    0.04,
    'CPU seconds for a job',
    'two vCPUs busy with the default of 50 jobs at once of a second',
  ),
  poolSize: assumed(10, 'connections to each database that a node keeps', 'POOL_SIZE of docs/phoenix.md and of Ecto'),
  secondsPerQuery: assumed(0.002, 'seconds that a query holds a connection of the pool', 'an indexed read in one zone'),
  secondsPerRead: assumed(0.0002, 'CPU seconds for a read', '5,000 indexed reads a second and vCPU'),
  secondsPerWrite: assumed(0.001, 'CPU seconds for a write', '1,000 small transactions a second and vCPU'),
  replayShare: assumed(0.5, 'of a write that a replica spends on replaying it', 'it plans nothing and locks nothing'),
  storedOverWritten: assumed(
    2,
    'bytes stored for each byte of a row',
    'indexes and dead rows; the bill reckons the same',
  ),
  iopsPerWrite: assumed(2, 'disk operations for a write', 'the log now, the page later'),
  iopsPerMiss: assumed(1, 'disk operations for a read that memory does not answer', 'upper pages of an index stay'),
  pageCacheShare: assumed(0.7, "of a database's memory that holds pages", 'shared_buffers and what the kernel caches'),
  classMemoryShare: {
    value: 0.88,
    unit: "of an instance class's memory that RDS counts as DBInstanceClassMemory",
    basis: 'measured',
    source:
      'the least of 198, 413 and 856 connections seen on 2, 4 and 8 GiB: https://gist.github.com/guizmaii/1cacffef793c2ba9645083c3e18b3d8c (read 2026-11-30)',
  },
  bytesPerDatabaseConnection: sourced(
    9_531_392,
    'bytes of DBInstanceClassMemory for each of max_connections',
    'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections, as quoted in developmentseed/eoapi-cdk#1 (read 2026-11-30)',
  ),
  mostDatabaseConnections: sourced(
    5000,
    'max_connections at most, unless a parameter group says otherwise',
    'the same',
  ),
  reservedDatabaseConnections: assumed(5, 'connections kept for administrators', 'three of PostgreSQL, two of RDS'),
  localDatabaseConnections: sourced(
    100,
    'max_connections of PostgreSQL on the single server',
    'lib/node/boot/files/postgresql/postgresql.conf',
  ),
  iopsOfSmallVolume: sourced(
    3000,
    'operations a second of a gp3 volume, and of RDS below 400 GiB',
    'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html (read 2026-11-20)',
  ),
  iopsOfLargeVolume: sourced(12_000, 'operations a second of RDS gp3 from 400 GiB on', 'the same'),
  mibPerSecondOfSmallVolume: sourced(
    125,
    'MiB a second of a gp3 volume, and of RDS below 400 GiB',
    'the same, and of the box https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html (read 2026-11-20)',
  ),
  mibPerSecondOfLargeVolume: sourced(
    500,
    'MiB a second of RDS gp3 from 400 GiB on',
    'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html (read 2026-11-20)',
  ),
  largeVolumeGiB: sourced(400, 'GiB from which RDS stripes a gp3 volume', 'the same'),
  mibPerSecondOfAurora: assumed(
    500,
    'MiB a second at which an Aurora cluster is restored',
    'as RDS; AWS names no rate, and says that all is downloaded before the cluster is there, and that the time is no multiple of the size (https://repost.aws/knowledge-center/aurora-mysql-snapshot-restore-options, read 2026-11-30)',
  ),
  recoveryHours: assumed(8, 'hours in which all rows of a database can be read once', 'a working day to come back'),
  bytesPerCachedRow: assumed(100, 'bytes beside the row for each that is cached', 'key, expiry and table of Valkey'),
  bytesPerSession: assumed(2000, 'bytes of a session in the cache', 'a few fields'),
  reservedCacheShare: sourced(
    0.25,
    "of a cache's memory that is kept for snapshots and failovers",
    'https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html (read 2026-11-30)',
  ),
  cacheMemoryShare: assumed(
    0.797,
    "of a node's memory that ElastiCache gives to data, snapshots and failovers",
    'the least that is known of large nodes; smaller ones have rows of their own',
  ),
  cacheOperations: assumed(100_000, 'operations a second of a small Valkey primary', 'one thread executes commands'),
  cacheOperationsWithIoThreads: assumed(
    400_000,
    'operations a second of a Valkey primary with eight vCPUs or more',
    'enhanced I/O multiplexing begins there (the table of node types in the ElastiCache guide, read 2026-11-30); AWS tells of a million a second on 16',
  ),
  gibPerAcu: sourced(
    2,
    'GiB of memory for an Aurora capacity unit',
    'https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.how-it-works.html (read 2026-11-30)',
  ),
  acuPerVcpu: assumed(4, 'Aurora capacity units for a vCPU', '8 GiB for a vCPU as in the R families'),
  shardedShare: assumed(
    SHARDED_SHARE,
    'of reads, writes and rows that belong to sharded tables',
    'what grows is sharded',
  ),
  albTargets: sourced(
    1000,
    'targets of an Application Load Balancer',
    'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html (read 2026-11-30; AWS raises it on request)',
  ),
  nlbTargets: sourced(
    500,
    'targets of a Network Load Balancer across zones',
    'https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html, footnote 3 (read 2026-11-30; AWS raises it on request)',
  ),
  contention: assumed(0.003, 'share of work on one node that cannot run on two cores', 'to be fitted: --steps'),
  coherence: assumed(0.000005, 'cost of each pair of cores of a node', 'to be fitted: --steps'),
} as const satisfies Readonly<Record<string, Coefficient>>;

/**
 * CPU that a burstable type may use for ever, of each vCPU.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html (not opened; t4g.medium
 * and t4g.large as in a gist that quotes it, read 2026-11-30)
 */
export const BURST_BASELINE: Readonly<Record<string, number>> = {
  nano: 0.05,
  micro: 0.1,
  small: 0.2,
  medium: 0.2,
  large: 0.3,
  xlarge: 0.4,
  '2xlarge': 0.4,
};

/**
 * Memory (`maxmemory`) of small cache nodes, GiB, which have less of their machine's than large ones.
 * Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html (not opened); the same in
 * https://dragonflydb.io/finops/elasticache (read 2026-11-30)
 */
export const SMALL_CACHE_GIB: Readonly<Record<string, number>> = { micro: 0.5, small: 1.37, medium: 3.09 };

/** A month as AWS bills it: 730 hours. */
export const SECONDS_PER_MONTH = 730 * 3600;
