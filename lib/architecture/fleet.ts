import type { InstanceType } from '../facts/instance-type';
import type { NodeRole } from '../node/blueprint';
import type { ScalingPlan } from './automation';

/** A group of nodes of one role, one BEAM (or one nginx) per instance. */
export interface FleetPlan {
  readonly role: NodeRole;
  readonly instanceType: InstanceType;
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Present where its nodes stand close together, in one zone; absent, they are spread over all. */
  readonly placement?: 'cluster';
  /** Days after which a node is replaced, however well it is; absent, never. */
  readonly lifetimeDays?: number;
  /** From phase 4: how it follows its load. */
  readonly scaling?: ScalingPlan;
}
