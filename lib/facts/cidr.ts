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

/** True when a CIDR lies within the private (RFC 1918) or shared (RFC 6598) address space. */
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
