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

export interface Cidr {
  /** Network address as an unsigned 32-bit number. */
  readonly address: number;
  readonly prefix: number;
}

/** Parses IPv4 CIDR notation; returns undefined when it is not one or has bits set behind its prefix. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [first, second, third, fourth, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  if ([first, second, third, fourth].some((octet) => octet > 255) || prefix > 32) return undefined;
  const address = first * 2 ** 24 + second * 2 ** 16 + third * 2 ** 8 + fourth;
  return address % 2 ** (32 - prefix) === 0 ? { address, prefix } : undefined;
}

const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'] as const;

/** Whether a CIDR lies within the private (RFC 1918) or shared (RFC 6598) address space. */
export function isPrivate(cidr: Cidr): boolean {
  return PRIVATE_RANGES.some((text) => {
    const range = parseCidr(text);
    return (
      range !== undefined &&
      cidr.prefix >= range.prefix &&
      Math.floor(cidr.address / 2 ** (32 - range.prefix)) === Math.floor(range.address / 2 ** (32 - range.prefix))
    );
  });
}
