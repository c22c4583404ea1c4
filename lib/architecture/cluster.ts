/** Certificates by which the nodes of an environment know each other. */
export interface ClusterPlan {
  /** Days for which that of a node is good. Range 2 to 14. */
  readonly certificateDays: number;
}
