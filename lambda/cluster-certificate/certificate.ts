import { createHash, createPublicKey } from 'node:crypto';
import {
  bitString,
  explicitly,
  implicitly,
  integer,
  nothing,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
  yes,
} from './der';
import { Refused } from './refused';

/** Signs bytes with RSA and SHA-256 as PKCS #1 v1.5 has it: the same bytes have the same signature (RFC 8017, 8.2). */
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
  sha256WithRsa: '1.2.840.113549.1.1.11',
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
 * The authority's own certificate, PEM: all of it follows from its key, the signature too, so that it is the same to the letter
 * whenever it is made. A node sends its copy along, and one with another signature is no authority to Erlang (OTP 25.2.3 and 27.3.4.1:
 * `Bad Certificate`, `invalid_issuer`, measured 2026-11-30). Kept somewhere it would be what whoever may write there wants.
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
  // The parameters are NULL, not left out (RFC 4055, 5).
  const algorithm = sequence(objectIdentifier(OID.sha256WithRsa), nothing());
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

/** A digest of the key as RFC 7093 (2, method 4) proposes it, of as many bytes as other methods have: it finds the key, and protects nothing. */
function keyIdentifier(publicKey: Buffer): Buffer {
  return createHash('sha256').update(publicKey).digest().subarray(0, 20);
}

/**
 * Reads the key of the authority, which KMS has sent.
 *
 * @throws Error when it is none of RSA.
 */
export function publicKeyOfRsa(der: Buffer): Buffer {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'rsa') return key.export({ format: 'der', type: 'spki' });
  } catch {
    // Said below, with what was expected.
  }
  throw new Error('the key of the authority is no public key of RSA');
}

/**
 * Reads a key of P-256 that somebody sent, and writes it anew, so that nothing of his own form comes into a certificate.
 *
 * @throws Refused when it is none.
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
  throw new Refused('the key is no public key of the curve P-256');
}
