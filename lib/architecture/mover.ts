import { type InstanceType, instanceType } from '../facts/instance-type';
import type { FleetPlan } from './fleet';
import type { MovedPart } from './moved-parts';

/** Machine that moves data while a climb expands: one while a move is under way, otherwise none. */
export interface MoverPlan extends FleetPlan {
  readonly role: 'mover';
  readonly moves: readonly MovedPart[];
}

/**
 * Types with 2 GiB of memory: the mover itself takes at most 256 MB, and PostgreSQL's programs, the agents and the system
 * have the rest. Rows go from database to database and not through it.
 */
const TYPES = { amd64: instanceType('t3.small'), arm64: instanceType('t4g.small') } as const;

/** @param beside Type of the nodes that are there: for their CPU architecture there is a golden image, where there are any. */
export function moverPlan(beside: InstanceType | undefined, moves: readonly MovedPart[]): MoverPlan {
  return {
    role: 'mover',
    instanceType: TYPES[beside?.architecture ?? 'amd64'],
    minNodes: 0,
    maxNodes: 1,
    moves,
  };
}
