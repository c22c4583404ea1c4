import { Duration } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import { Construct } from 'constructs';
import type { NodeFleet } from '../compute/node-fleet';

/** Name of the hook that `lib/node/boot/lib.sh` completes. */
const LAUNCH_HOOK = 'launch';

/** Longest time that a node takes until it is stopped in the pool, and again until it serves. */
const BOOT_TIMEOUT = Duration.minutes(15);

export interface WarmNodesProps {
  readonly fleet: NodeFleet;
  /** Nodes in the pool, beside those that serve. */
  readonly count: number;
}

/**
 * Stopped nodes that have booted up to the start of the release. A hook holds each back until its boot says how far it
 * is: without one, Auto Scaling would stop an instance in the middle of its first boot, and send users to a node that
 * has left the pool and does not answer yet.
 */
export class WarmNodes extends Construct {
  constructor(scope: Construct, id: string, { fleet, count }: WarmNodesProps) {
    super(scope, id);
    const hook = new autoscaling.LifecycleHook(this, 'Launch', {
      autoScalingGroup: fleet.group,
      lifecycleHookName: LAUNCH_HOOK,
      lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_LAUNCHING,
      defaultResult: autoscaling.DefaultResult.ABANDON,
      heartbeatTimeout: BOOT_TIMEOUT,
    });
    const pool = fleet.group.addWarmPool({
      poolState: autoscaling.PoolState.STOPPED,
      // Equal, they are the size of the pool; apart, it would grow and shrink with the fleet.
      // Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html (2026-11-21)
      minSize: count,
      maxGroupPreparedCapacity: count,
      // A node that has served has had its connections and its state.
      reuseOnScaleIn: false,
    });
    pool.node.addDependency(hook);
  }
}
