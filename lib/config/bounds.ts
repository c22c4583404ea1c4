/** Greatest values that the schema takes of what sizes and reliefs choose; without the schema, as the page of the explorer reads them too. */
export const MOST = {
  /** Nodes of a fleet. */
  nodes: 500,
  /** GiB of the box's data volume. */
  dataVolumeGiB: 16_384,
  /** GiB of a database. */
  storageGiB: 65_536,
  /** Read replicas of a database. */
  replicas: 15,
  /** Lambda workers of a queue at once. */
  lambdaConcurrency: 1000,
  /** Aurora clusters of shards, and the units that one of them may grow to. */
  clusters: 256,
  capacityUnits: 256,
} as const;
