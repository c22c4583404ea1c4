import type { InstanceType } from '../facts/instance-type';
import { nodeSize } from './size';

/** Seconds that even an idle node gets, for what is under way. */
const LEAST_SECONDS = 60;

/** The longest that Auto Scaling holds an instance back: 48 hours. */
const MOST_SECONDS = 172_800;

/** The longest that a lifecycle hook waits for one heartbeat. */
const MOST_HEARTBEAT_SECONDS = 7200;

/** The longest that a target group waits for a target it deregisters. */
const MOST_DEREGISTRATION_SECONDS = 3600;

/**
 * Seconds for which a load balancer may go on sending users to a target that it deregisters, before they are let go. Assumed;
 * Elastic Load Balancing names no time. The same as in lib/node/boot/users.sh.
 */
export const LAST_TO_COME_SECONDS = 30;

/** Seconds in which a node has noticed its end, and lets its last users go: it asks every 5 s. Assumed. */
const NOTICE_SECONDS = 30;

/**
 * Seconds in which a full node lets all its connections go at the given rate, 60 to 172,800. A million connections at
 * 500 a second take 33 minutes.
 *
 * Source of the limits: https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html, read 2026-11-20.
 *
 * @param evictPerSecond connections let go per second, above 0.
 */
export function drainSeconds(type: InstanceType, evictPerSecond: number): number {
  const seconds = Math.ceil(nodeSize(type).connectionBudget / evictPerSecond);
  return Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, seconds));
}

/**
 * Seconds that the lifecycle hook waits for a sign of life from a draining node, up to 7,200. The node sends one three
 * times as often.
 */
export function heartbeatSeconds(drain: number): number {
  return Math.min(drain, MOST_HEARTBEAT_SECONDS);
}

/**
 * Seconds that a target group waits before it forgets a node that leaves, and ends the connections that there still are: until
 * a full node has let all of them go, 3,600 at most.
 *
 * Auto Scaling deregisters first and calls the lifecycle hook after that; the node does not wait for it.
 * Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html, read 2026-11-21.
 */
export function deregistrationDelaySeconds(drain: number): number {
  return Math.min(NOTICE_SECONDS + LAST_TO_COME_SECONDS + drain, MOST_DEREGISTRATION_SECONDS);
}
