import type { NodeFleet } from '../compute/node-fleet';
import type { FrontLoad } from '../ingress/front';

/** A fleet that takes releases: the app fleet, and workers once there are some. */
export interface DeployedFleet {
  /** Part of logical ids: `App`, `Worker`. */
  readonly name: string;
  /** Value of the tag `beamstalk:fleet` of its nodes, for example `prod-app`. */
  readonly tag: string;
  readonly fleet: NodeFleet;
  /** The load balancer before it, when users come to it. */
  readonly front?: { readonly load: FrontLoad };
}
