import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import { Construct } from 'constructs';
import type { NodeFleet } from '../compute/node-fleet';

export interface WarmNodesProps {
  readonly fleet: NodeFleet;
  /** Nodes in the pool, beside those that serve. */
  readonly count: number;
}

/**
 * Stopped nodes that have booted up to the start of the release. The launch hook of the group holds each back until its
 * boot says how far it is: without one, Auto Scaling would stop an instance in the middle of its first boot, and send
 * users to a node that has left the pool and does not answer yet.
 */
export class WarmNodes extends Construct {
  constructor(scope: Construct, id: string, { fleet, count }: WarmNodesProps) {
    super(scope, id);
    fleet.group.addWarmPool({
      poolState: autoscaling.PoolState.STOPPED,
      // Equal, they are the size of the pool; apart, it would grow and shrink with the fleet.
      // Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html (2026-11-21)
      minSize: count,
      maxGroupPreparedCapacity: count,
      // A node that has served has had its connections and its state.
      reuseOnScaleIn: false,
    });
  }
}
