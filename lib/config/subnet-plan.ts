import type { Cidr } from '../facts/cidr';

/** The subnet groups of every environment, planned on day 0 for the last phase. */
export interface SubnetPlan {
  readonly zones: 3;
  /** Prefix lengths of one subnet of each group, IPv4. */
  readonly publicMask: number;
  readonly appMask: number;
  readonly dataMask: number;
}

/** Prefix lengths a VPC may have: AWS allows nothing larger than /16; below /21 a public subnet has no room left. */
export const VPC_PREFIX = { largest: 16, smallest: 21 } as const;

/**
 * Masks follow from the VPC's prefix, which never changes, so they never change either. A public or data subnet is a
 * 64th of the VPC, an app subnet a 16th: 28 % of a VPC is used and the rest is free for what nobody has thought of.
 * A load balancer wants at least a /27 with eight free addresses, which gives the smallest VPC.
 *
 * Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
 */
export function subnetPlan(cidr: Cidr): SubnetPlan {
  return { zones: 3, publicMask: cidr.prefix + 6, appMask: cidr.prefix + 4, dataMask: cidr.prefix + 6 };
}
