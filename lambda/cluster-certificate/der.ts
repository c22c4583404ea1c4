/** Parts of DER that a certificate is made of. Source: ITU-T X.690, sections 8 and 10. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nothing: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

function element(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

/** Up to 127 in one byte, else the number of bytes and the bytes. */
function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const digits = Buffer.from(bytes.toString(16).padStart(bytes > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 + digits.length]), digits]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(TAG.sequence, Buffer.concat(parts));
export const setOf = (part: Uint8Array): Buffer => element(TAG.set, part);
export const octetString = (content: Uint8Array): Buffer => element(TAG.octetString, content);
export const utf8String = (text: string): Buffer => element(TAG.utf8String, Buffer.from(text, 'utf8'));
export const nothing = (): Buffer => element(TAG.nothing, Buffer.alloc(0));
export const yes = (): Buffer => element(TAG.boolean, Buffer.from([0xff]));

/** A part with a number in place of its tag: around the part, or instead of the tag. */
export const explicitly = (number: number, content: Uint8Array): Buffer => element(0xa0 + number, content);
export const implicitly = (number: number, content: Uint8Array): Buffer => element(0x80 + number, content);

/** A number of zero or more, without needless zeros before it, and with one where it would look negative. */
export function integer(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.from([0]) : Buffer.from(magnitude.subarray(first));
  return element(TAG.integer, (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]));
}

/** @param unused bits at the end that do not count. Range 0 to 7. */
export function bitString(content: Uint8Array, unused = 0): Buffer {
  return element(TAG.bitString, Buffer.concat([Buffer.from([unused]), content]));
}

/** @param dotted such as `1.2.840.10045.4.3.2`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(TAG.objectIdentifier, Buffer.from([40 * first + second, ...rest].flatMap(base128)));
}

/** Seven bits a byte, all but the last of them marked. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

/** Seconds matter, what is below does not. The form changes with the year 2050 (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2)))
    : element(TAG.generalizedTime, Buffer.from(digits));
}
