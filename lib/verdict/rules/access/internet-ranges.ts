import type { NetworkRule } from '../../../template/network-rules';
import { keyOf } from '../../../template/references';

/** More addresses than a /8: nobody has so many, so everybody is among them. */
const IPV4_LIMIT = 2 ** 24;

/** A share of all IPv6 addresses: providers get a /20 at most. */
const IPV6_LIMIT = 2 ** -16;

/** Ranges that the internet does not route. Source: https://www.rfc-editor.org/rfc/rfc6890 */
const PRIVATE = /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i;

/**
 * Recognises a rule that lets in the whole internet: by itself, or together with the other rules of its group for the
 * same ports. Two halves of the internet are the internet, and so are two hundred parts of it.
 */
export function isWorldWide(rule: NetworkRule, all: readonly NetworkRule[]): boolean {
  if (rule.way !== 'in' || share(rule) === undefined) return false;
  const version = rule.peer.text.includes(':');
  const together = all.filter(
    (other) =>
      other.way === 'in' && groupOf(other) === groupOf(rule) && meets(other, rule) && share(other) !== undefined,
  );
  const ranges = new Map(together.map((other) => [other.peer.text, other]));
  const sum = [...ranges.values()]
    .filter(({ peer }) => peer.text.includes(':') === version)
    .reduce((total, other) => total + (share(other) ?? 0), 0);
  // A small range is not reported because of the wide ones beside it.
  return sum > (version ? IPV6_LIMIT : IPV4_LIMIT) && (share(rule) ?? 0) > 0;
}

/** IPv4: how many addresses; IPv6: which part of all. */
function share({ peer }: NetworkRule): number | undefined {
  if (peer.kind !== 'addresses') return undefined;
  const [, address = '', prefix] = /^([0-9a-f.:]+)\/(\d+)$/i.exec(peer.text) ?? [];
  if (prefix === undefined) return undefined;
  const [bits, least] = [Number(prefix), address.includes(':') ? 7 : 8];
  if (bits >= least && PRIVATE.test(address)) return 0;
  return address.includes(':') ? 2 ** -bits : 2 ** (32 - bits);
}

/** One group may be written in several ways: what counts is the resource behind it. */
function groupOf({ stack, group, groupPlace }: NetworkRule): string {
  return groupPlace === undefined ? `${stack} ${group}` : keyOf(groupPlace);
}

function meets(one: NetworkRule, other: NetworkRule): boolean {
  if (one.protocol === '-1' || other.protocol === '-1') return true;
  if (one.protocol !== other.protocol) return false;
  const [a, b] = [one, other].map(({ from, to }) => [Number(from ?? 0), Number(to ?? 65535)] as const);
  return a !== undefined && b !== undefined && a[0] <= b[1] && b[0] <= a[1];
}
