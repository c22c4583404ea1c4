import type { Settings } from './schema';

/**
 * The one place where defaults live. `config/<env>.json` overrides it, and `--context` overrides both.
 *
 * Sizes are assumed starting points for a development environment, not measurements.
 */
export const DEFAULTS: Settings = {
  region: 'us-east-1',
  phase: 0,
  ingress: 'http',
  logDays: 30,
  protection: 'data',
  accepted: [],
  network: {
    cidr: '10.0.0.0/16',
    egress: 'instance',
    natGateways: 1,
    interfaceEndpoints: [],
    flowLogDays: 30,
  },
  domain: {},
  node: { image: 'amazon-linux-2023', rootVolumeGiB: 16 },
  release: { uri: 'none' },
  box: { instanceType: 't3.medium', dataVolumeGiB: 20, snapshotDays: 7, sshFrom: [] },
  app: {
    instanceType: 't3.medium',
    minNodes: 2,
    maxNodes: 4,
    placement: 'zones',
    port: 4000,
    tlsPort: 4443,
    // A fresh Phoenix or Plug application answers there.
    healthPath: '/',
    evictPerSecond: 500,
  },
  web: { enabled: true, instanceType: 't3.small', minNodes: 2, maxNodes: 4 },
  edge: { requestsPer5Minutes: 2000, priceClass: 'PriceClass_100', originPorts: 'both' },
  storage: { noncurrentDays: 30, uploadsInfrequentAccessDays: 90, logDays: 90, backupDays: 30 },
  database: {
    class: 'db.t4g.medium',
    engineVersion: '17.9',
    name: 'app',
    storageGiB: 20,
    maxStorageGiB: 200,
    multiAz: false,
    backupDays: 7,
    replicas: 1,
    insights: 'standard',
    slowQueryMs: 500,
    passwordDays: 0,
  },
  cache: { class: 'cache.t4g.small', replicas: 1, snapshotDays: 7 },
  // At the alarm, when a quarter is left, whoever is called has a day.
  cluster: { distribution: 'tls', certificateDays: 4 },
  // Requests per node and latency are assumed; `test/scaling` plays a day through them.
  scaling: {
    cpuPercent: 50,
    requestsPerNode: 12_000,
    connectionsPercent: 60,
    latencyMs: 500,
    schedule: [],
    predictive: 'forecast',
    warmNodes: 0,
  },
  delivery: {
    source: 's3',
    sourceKey: 'source/release.zip',
    branch: 'main',
    mode: 'rolling',
    rollout: 'one',
    buildMinutes: 30,
  },
  alerts: { emails: [], latencyMs: 1000, errorPercent: 2 },
  operations: {
    budgetUSD: 500,
    // One account wants one: a second records the same calls again, and is charged for them.
    // Source: https://aws.amazon.com/cloudtrail/pricing/ (the first copy of management events is free)
    trail: 'none',
    backupDays: 35,
    backupMonths: 12,
    vaultLock: 'none',
    restoreTests: false,
    playbook: 'none',
    goldenImages: 'bake',
  },
  queues: {
    jobs: { fifo: false, worker: 'fleet', jobSeconds: 300, maxReceives: 5, maxAgeSeconds: 900, maxDepth: 10_000 },
    mail: { fifo: false, worker: 'lambda', jobSeconds: 30, maxReceives: 5, maxAgeSeconds: 300, maxDepth: 10_000 },
    media: { fifo: false, worker: 'fleet', jobSeconds: 900, maxReceives: 3, maxAgeSeconds: 1800, maxDepth: 1000 },
  },
  workers: {
    instanceType: 't3.medium',
    minNodes: 1,
    maxNodes: 4,
    jobsAtOnce: 50,
    averageJobSeconds: 1,
    waitSeconds: 60,
    lambdaConcurrency: 10,
    lambdaMemoryMiB: 512,
  },
  schedules: {},
  pressure: { shedAfterSeconds: 300, admitBelowSeconds: 60, retryAfterSeconds: 30, lowPriorityPaths: ['/batch/'] },
  data: {
    functions: {
      users: { class: 'db.t4g.medium', storageGiB: 20, maxStorageGiB: 200, replicas: 0 },
      catalogue: { class: 'db.t4g.medium', storageGiB: 20, maxStorageGiB: 200, replicas: 0 },
      forum: { class: 'db.t4g.medium', storageGiB: 20, maxStorageGiB: 200, replicas: 0 },
    },
    sharding: {
      engine: 'clusters',
      clusters: 2,
      logicalShards: 1024,
      readers: 0,
      engineVersion: '17.9',
      minCapacity: 0.5,
      maxCapacity: 8,
      limitlessMaxCapacity: 64,
      backupDays: 7,
    },
    // An id that sorts by time, such as a UUID of version 7.
    tables: { events: { partitionKey: 'user_id:S', sortKey: 'id:S' } },
    readModels: { 'events-by-kind': { from: 'events', partitionKey: 'kind:S', sortKey: 'id:S' } },
    warehouse: { enabled: true, baseRpu: 4, maxRpuHoursPerDay: 24, snapshotDays: 7 },
    singleDatabase: 'gone',
    documents: { enabled: false, class: 'db.t4g.medium', instances: 1 },
    wideColumns: { enabled: false },
    graph: { enabled: false, instances: 1, minCapacity: 1, maxCapacity: 8 },
  },
  // A small system, assumed: a request each second on average, each user with a few files, a hundred reads for a write
  // as in the scaling guide. An average response is assumed to be an API's or a page's, not a download.
  traffic: {
    users: 10_000,
    connections: 500,
    requestsPerMonth: 3_000_000,
    readsPerMonth: 10_000_000,
    writesPerMonth: 100_000,
    jobsPerMonth: 100_000,
    payloadBytes: 20_000,
    rowBytes: 1000,
    keepMonths: 24,
    uploadMiBPerUser: 1,
    cdnHitPercent: 50,
    cacheHitPercent: 80,
    peakFactor: 4,
    growthPercentPerMonth: 5,
  },
};
