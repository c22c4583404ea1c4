/**
 * Figures that neither a template nor `traffic` says, and a bill needs. Every figure is assumed, and told as such beside what it
 * prices; the parts of the bill that rest on it are `usage`.
 */
export const ASSUMED = {
  /** Bytes that a client sends with a request. */
  requestBytes: 1000,
  /** Requests that one connection of a client carries before it closes. */
  requestsPerConnection: 10,
  /** Bytes a minute, each way, over a connection that stays open: a heartbeat of 100 bytes every 30 seconds, and its answer. */
  connectionBytesPerMinute: 200,
  /** Index entries and dead rows make stored rows twice as large. */
  storedOverWritten: 2,
  /** Share of stored data that changes in a day, which is what a further snapshot holds. */
  changePerDay: 0.02,
  /** Share of the stored data that the cache holds. */
  hotShare: 0.05,
  /** Share of reads that the memory of a database does not answer. */
  readsFromDisk: 0.1,
  /** I/O requests that one write brings. */
  ioPerWrite: 2,
  /** Distributed processing units of Aurora DSQL for one read, and for one write. */
  dpuPerRead: 0.02,
  dpuPerWrite: 0.1,
  /** Share of traffic between two tiers that crosses zones, of which there are three. */
  crossesZones: 2 / 3,
  /** GB that a node sends through NAT in a month, and through interface endpoints. */
  natGBPerNode: 5,
  endpointGBPerNode: 1,
  /** GB that a node logs in a month without any request, and bytes for each request. */
  logGBPerNode: 0.5,
  logBytesPerRequest: 300,
  /** CloudWatch Logs bills compressed storage: so much of what came in. */
  logCompression: 0.2,
  /** Bytes of access logs in S3 for each request. */
  accessLogBytes: 400,
  /** Requests to S3 for each request of a user: reads of files that no CDN has, and writes. */
  s3GetsPerRequest: 0.2,
  s3PutsPerRequest: 0.01,
  /** Requests to a queue for one job: sent, received, deleted. */
  requestsPerJob: 3,
  /** Writes of a function that remembers a job: when it begins it, and when it is done. */
  writesPerJob: 2,
  /** Receivers that wait at a queue, each for 20 seconds at a time. */
  pollersPerQueue: 5,
  /** Seconds of one job, of a run by the clock, and of a batch of a stream. */
  jobSeconds: 1,
  scheduledSeconds: 0.5,
  streamSeconds: 0.2,
  /** Changes in one batch of a stream. */
  changesPerBatch: 10,
  /** Runs in a month of a function that only deployments and rotations call. */
  otherInvocations: 100,
  /** Notifications in a month. */
  notifications: 1000,
  /** Releases in a month, minutes of each project that a release builds with, and of the pipeline's actions. */
  releases: 20,
  buildMinutes: 5,
  actionMinutes: 15,
  /** Data events of a trail in a month. */
  dataEvents: 100_000,
  /** Hours in a day for which a warehouse works at its base capacity. */
  warehouseHoursPerDay: 4,
  /** Hours of a weekly image build, images that are kept, and GB of each. */
  imageHours: 1,
  imagesKept: 8,
  imageGB: 4,
  /** GB of a root volume for which a template says no size. */
  rootGB: 8,
} as const;

/** A month, as AWS's own examples reckon: 365 x 24 / 12. */
export const HOURS = 730;
export const SECONDS = HOURS * 3600;
export const DAYS = HOURS / 24;
export const GB = 1024 ** 3;
