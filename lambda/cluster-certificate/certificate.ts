import { createHash, createPublicKey } from 'node:crypto';
import {
  bitString,
  explicitly,
  implicitly,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
  yes,
} from './der';

/** Signs bytes with ECDSA over P-256 and SHA-256; the answer is the signature in DER. */
export type Sign = (bytes: Uint8Array) => Promise<Uint8Array>;

/** Certificate authority: a name, the public half of its key (SubjectPublicKeyInfo, DER), and what signs with the other half. */
export interface Authority {
  readonly name: string;
  readonly publicKey: Buffer;
  readonly sign: Sign;
}

/** Statement of a certificate: that the key is that of the node with this address, within these times. */
export interface NodeIdentity {
  readonly address: string;
  readonly publicKey: Buffer;
  /** 16 bytes that nobody could guess. */
  readonly serial: Uint8Array;
  readonly from: Date;
  readonly to: Date;
}

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
} as const;

/** Numbers of the choices of a subject alternative name. Source: RFC 5280, 4.2.1.6. */
const NAME_OF = { dns: 2, ipAddress: 7 } as const;

/** Times of the authority, whose end is the one that RFC 5280 (4.1.2.5) has for what has none: its key stays with the environment. */
const FOR_EVER = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('9999-12-31T23:59:59Z') };

/**
 * The authority's own certificate, PEM: made once and kept, because each that is made has another signature. A node sends its
 * copy along, and one that is not the same to the letter is no authority to Erlang (OTP 27.3.4.1: `invalid_issuer`, measured 2026-11-30).
 */
export function authorityCertificate(authority: Authority): Promise<string> {
  const { name, publicKey } = authority;
  return signed(authority, {
    serial: createHash('sha256').update(publicKey).digest().subarray(0, 16),
    ...FOR_EVER,
    subject: name,
    publicKey,
    extensions: [
      // An authority, of certificates that are of none themselves.
      extension(OID.basicConstraints, sequence(yes(), integer(Buffer.from([0]))), 'critical'),
      extension(OID.keyUsage, usage(0b0000_0110, 1), 'critical'),
      extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
    ],
  });
}

/**
 * The certificate of a node, PEM. Its address is in it as a DNS name and as an address: OTP 25 compares the first, later ones
 * the second (27.3.4.1 refuses a certificate with the first alone, measured 2026-11-30).
 */
export function nodeCertificate(authority: Authority, { address, ...identity }: NodeIdentity): Promise<string> {
  const bytes = Buffer.from(address.split('.').map(Number));
  return signed(authority, {
    ...identity,
    subject: address,
    extensions: [
      extension(OID.basicConstraints, sequence(), 'critical'),
      extension(OID.keyUsage, usage(0b1000_0000, 7), 'critical'),
      // A node is called, and calls.
      extension(
        OID.extendedKeyUsage,
        sequence(objectIdentifier(OID.serverAuthentication), objectIdentifier(OID.clientAuthentication)),
      ),
      extension(
        OID.subjectAlternativeName,
        sequence(implicitly(NAME_OF.dns, Buffer.from(address)), implicitly(NAME_OF.ipAddress, bytes)),
      ),
      extension(OID.authorityKeyIdentifier, sequence(implicitly(0, keyIdentifier(authority.publicKey)))),
    ],
  });
}

interface Contents {
  readonly serial: Uint8Array;
  readonly from: Date;
  readonly to: Date;
  readonly subject: string;
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

/** Source: RFC 5280, 4.1. */
async function signed(authority: Authority, contents: Contents): Promise<string> {
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const version3 = explicitly(0, integer(Buffer.from([2])));
  const body = sequence(
    version3,
    integer(contents.serial),
    algorithm,
    nameOf(authority.name),
    sequence(time(contents.from), time(contents.to)),
    nameOf(contents.subject),
    contents.publicKey,
    explicitly(3, sequence(...contents.extensions)),
  );
  const certificate = sequence(body, algorithm, bitString(await authority.sign(body)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(objectIdentifier(OID.commonName), utf8String(commonName))));
}

function extension(id: string, value: Uint8Array, critical?: 'critical'): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [yes()] : []), octetString(value));
}

/** @param unused bits behind the last that is set: named bits have no zeros at their end (X.690, 11.2.2). */
function usage(bits: number, unused: number): Buffer {
  return bitString(Buffer.from([bits]), unused);
}

/** As RFC 5280 (4.2.1.2) proposes it: a digest of the key's bits, which finds the key and protects nothing. */
function keyIdentifier(publicKey: Buffer): Buffer {
  return createHash('sha1').update(pointOf(publicKey)).digest();
}

/** Bits of a key of P-256: an uncompressed point, the last 65 bytes of its SubjectPublicKeyInfo. */
function pointOf(publicKey: Buffer): Buffer {
  return publicKey.subarray(-65);
}

/**
 * Reads a key of P-256 that somebody sent, and writes it anew, so that nothing of his own form comes into a certificate.
 *
 * @throws Error when it is none.
 */
export function publicKeyOfP256(der: Buffer): Buffer {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') {
      const { x = '', y = '' } = key.export({ format: 'jwk' });
      const point = [Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
      return sequence(
        sequence(objectIdentifier('1.2.840.10045.2.1'), objectIdentifier('1.2.840.10045.3.1.7')),
        bitString(Buffer.concat(point)),
      );
    }
  } catch {
    // Said below, with what was expected.
  }
  throw new Error('the key is no public key of the curve P-256');
}
