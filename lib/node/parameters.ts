/**
 * What a node reads at boot, below `/beamstalk/<environment>/` in Parameter Store. All are optional as such: a step
 * that cannot do without one ends the boot with its full name. `Secret` marks a Secrets Manager ARN.
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
  'database/secret',
  'database/reader-endpoint',
  'cache/endpoint',
  'cache/reader-endpoint',
  /** 6379 while there is no parameter. */
  'cache/port',
  /** Secret: a JSON object with `username` and `password`, or the password alone. */
  'cache/secret',
  'storage/assets-bucket',
  'storage/uploads-bucket',
  'storage/backups-bucket',
  /** `s3://<bucket>/<key>.tar.gz`, or `none`. */
  'release/uri',
  /** Secret: the Erlang cookie. */
  'app/cookie-secret',
  /** Secret: a JSON object of environment variables that this application alone needs. */
  'app/environment-secret',
  /** DNS name of the load balancer that web nodes pass requests on to. */
  'ingress/app-endpoint',
  'ingress/domain',
  'ingress/email',
] as const;

export type NodeParameter = (typeof NODE_PARAMETERS)[number];
