/**
 * Parameters that nodes read, below `/beamstalk/<environment>/` in Parameter Store; `parameter-reads.ts` says which node
 * reads which. All are optional as such: a step that cannot do without one ends the boot with its full name. `Secret`
 * marks a Secrets Manager ARN.
 */
export const NODE_PARAMETERS = [
  /** Allocation id of the box's Elastic IP. */
  'box/address',
  /** Id of the box's data volume. */
  'box/volume',
  /** `local` or `managed`: which database a box with one of its own works on; `local` while there is no parameter. */
  'database/source',
  'database/endpoint',
  /** 5432 while there is no parameter. */
  'database/port',
  /** `app` while there is no parameter. */
  'database/name',
  /** Secret: a JSON object with `username` and `password`. */
  'database/application-secret',
  'database/reader-endpoint',
  'cache/endpoint',
  'cache/reader-endpoint',
  /** 6379 while there is no parameter. */
  'cache/port',
  /** Secret: a JSON object with `username` and `password`, or the password alone. */
  'cache/secret',
  'documents/endpoint',
  'documents/reader-endpoint',
  /** 27017 while there is no parameter. */
  'documents/port',
  /** Secret: a JSON object with `username` and `password`. */
  'documents/secret',
  'wide-columns/endpoint',
  'wide-columns/port',
  'wide-columns/keyspace',
  'graph/endpoint',
  'graph/reader-endpoint',
  'graph/port',
  'storage/assets-bucket',
  'storage/uploads-bucket',
  'storage/backups-bucket',
  /** `s3://<bucket>/<key>.tar.gz`, or `none`. */
  'release/uri',
  /**
   * `<release> <release/uri at that time>`: what the last deployment brought. It goes before `release/uri` until that
   * says something else. Written by deployments, and no part of any template. A third word, `migrate`, has the nodes that boot
   * migrate it: those of a blue-green deployment.
   */
  'release/current',
  /** ARNs that a node leaves and joins by itself, a space between two, where it is upgraded while it serves. */
  'delivery/target-groups',
  /** Secret: the Erlang cookie. */
  'app/cookie-secret',
  /** Secret: a JSON object of environment variables that this application alone needs. */
  'app/environment-secret',
  /** Secret: the Sentry DSN of the release. */
  'app/sentry-secret',
  /** Name of the function that certifies nodes. */
  'cluster/function',
  /** DNS name of the load balancer that web nodes pass requests on to. */
  'ingress/app-endpoint',
  'ingress/domain',
  'ingress/email',
  /** Secret: the password by which a move comes into the database of a box, while a climb from it expands. */
  'mover/box-secret',
  /** `on` while low-priority work is turned away, else `off`; asked again every few seconds. */
  'pressure/shed',
  /** `clusters`, `limitless` or `dsql`: what holds the rows that are spread by key (phase 6 and later). */
  'shards/engine',
  /** Engine clusters: the table of the shard map, which names every cluster. */
  'shards/map-table',
  /** Engine clusters: the database role that nodes may log in as with an IAM token. */
  'shards/user',
  /** The other engines: the one name, its database, and for limitless the secret with user and password. */
  'shards/endpoint',
  'shards/database',
  /** Secret: a JSON object with `username` and `password`. */
  'shards/application-secret',
] as const;

/** Below this, every parameter is the URL of a queue: `queues/mail-out` becomes QUEUE_MAIL_OUT_URL for the release. */
export const QUEUE_PARAMETERS = 'queues';

/** Below this, every parameter is the name of a table: `tables/events` becomes TABLE_EVENTS for the release. */
export const TABLE_PARAMETERS = 'tables';

/** Parameters below `database/<function>/`, for each function that has a database of its own (phase 6 and later). */
export const FUNCTION_PARAMETERS = [
  /**
   * `own` or `shared`: whether the data of the function are in its own database. While there is no parameter, `shared`
   * as long as there is a single database beside it, otherwise `own`.
   */
  'source',
  'endpoint',
  /** 5432 while there is no parameter. */
  'port',
  'name',
  /** Secret: a JSON object with `username` and `password`. */
  'application-secret',
  'reader-endpoint',
] as const;

export type NodeParameter = (typeof NODE_PARAMETERS)[number];
