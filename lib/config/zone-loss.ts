/** Zones that every fleet stands in, unless its nodes are placed close together in one. */
const ZONES = 3;

/**
 * The least number of nodes, spread evenly over three zones, of which `wanted` are left when one zone is lost:
 * half as many again, rounded up.
 */
export function survivingZoneLoss(wanted: number): number {
  return Math.ceil((wanted * ZONES) / (ZONES - 1));
}

/** Nodes that stand in the zone with the most of them. */
export function lostWithAZone(nodes: number): number {
  return Math.ceil(nodes / ZONES);
}
