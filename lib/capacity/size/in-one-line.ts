import type { Ceiling } from '../ceiling';

/** `database IOPS: 14,200 a second of 12,000`. */
export function inOneLine({ tier, resource, load, most, unit, event }: Ceiling): string {
  const of = `${amount(load)}${unit === '' ? '' : ` ${unit}`} of ${amount(most)}`;
  return `${tier} ${resource}${event === undefined ? '' : ` with ${event}`}: ${of}`;
}

/** A figure with as many digits as it deserves. */
export function amount(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}
