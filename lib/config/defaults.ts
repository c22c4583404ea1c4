import type { Settings } from './schema';

/**
 * The one place where defaults live. `config/<env>.json` overrides it, and `--context` overrides both.
 *
 * Sizes follow the source guide's "dev" column; they are starting points, not measurements.
 */
export const DEFAULTS: Settings = {
  region: 'us-east-1',
  phase: 0,
  ingress: 'http',
  logDays: 30,
  network: {
    cidr: '10.0.0.0/16',
    egress: 'instance',
    natGateways: 1,
    interfaceEndpoints: [],
    flowLogDays: 30,
  },
  domain: {},
  node: { image: 'amazon-linux-2023', rootVolumeGiB: 16 },
  release: { uri: 'none', architecture: 'amd64' },
  box: { instanceType: 't3.medium', dataVolumeGiB: 20, snapshotDays: 7, sshFrom: [] },
  app: {
    instanceType: 't3.medium',
    minNodes: 2,
    maxNodes: 4,
    port: 4000,
    tlsPort: 4443,
    healthPath: '/echo?message=health',
    evictPerSecond: 500,
  },
  web: { enabled: true, instanceType: 't3.small', minNodes: 2, maxNodes: 4 },
  edge: { requestsPer5Minutes: 2000, priceClass: 'PriceClass_100' },
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
  },
  cache: { class: 'cache.t4g.small', replicas: 1, snapshotDays: 7 },
};
