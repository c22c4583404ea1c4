import { createSign, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Authority, authorityCertificate, nodeCertificate, publicKeyOfP256, publicKeyOfRsa } from './certificate';
import { integer, objectIdentifier, sequence, time } from './der';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });

function authority(): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    name: 'beamstalk dev',
    publicKey: spki(publicKey),
    sign: (bytes) => Promise.resolve(createSign('sha256').update(bytes).sign(privateKey)),
  };
}

async function node(by: Authority, from = new Date(Date.now() - 60_000), to = new Date(Date.now() + 86_400_000)) {
  const { publicKey, privateKey } = pair();
  const identity = { address: '10.0.1.5', publicKey: spki(publicKey), serial: Buffer.alloc(16, 0xf0), from, to };
  return { certificate: new X509Certificate(await nodeCertificate(by, identity)), publicKey, privateKey };
}

describe('the certificate of a node', () => {
  test('is of its key, of its address as name and as address, and signed by its authority alone', async () => {
    const by = authority();
    const trusted = new X509Certificate(await authorityCertificate(by));
    const { certificate, publicKey, privateKey } = await node(by);
    expect(certificate.publicKey.equals(publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(privateKey)).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:10.0.1.5, IP Address:10.0.1.5');
    expect([certificate.checkIP('10.0.1.5'), certificate.checkIP('10.0.1.6')]).toEqual(['10.0.1.5', undefined]);
    expect(certificate.serialNumber).toBe('F0'.repeat(16));
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect([certificate.ca, certificate.checkIssued(trusted), certificate.verify(trusted.publicKey)]).toEqual([
      false,
      true,
      true,
    ]);
    const stranger = new X509Certificate(await authorityCertificate(authority()));
    expect(certificate.verify(stranger.publicKey)).toBe(false);
    // Of the same name, and told apart by its key.
    expect(certificate.checkIssued(stranger)).toBe(false);
  });

  test.each([
    ['2026-11-30T12:00:00Z', 'Nov 30 12:00:00 2026 GMT'],
    ['2049-12-31T23:59:59Z', 'Dec 31 23:59:59 2049 GMT'],
    ['2050-01-01T00:00:00Z', 'Jan  1 00:00:00 2050 GMT'],
  ])('ends at %s to the second', async (to, said) => {
    const { certificate } = await node(authority(), new Date('2026-11-29T12:00:00Z'), new Date(to));
    expect(certificate.validTo).toBe(said);
    expect(certificate.validFrom).toBe('Nov 29 12:00:00 2026 GMT');
  });
});

test("the authority's own certificate is one of its key, without an end, and the same to the letter each time", async () => {
  const by = authority();
  const [one, other] = [await authorityCertificate(by), await authorityCertificate(by)];
  expect(one).toBe(other);
  const made = new X509Certificate(one);
  expect([made.ca, made.verify(made.publicKey), made.checkIssued(made)]).toEqual([true, true, true]);
  expect(made.validTo).toBe('Dec 31 23:59:59 9999 GMT');
});

test('the key of the authority is one of RSA, whose signatures do not differ', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  expect(publicKeyOfRsa(spki(publicKey))).toEqual(spki(publicKey));
  for (const key of [spki(pair().publicKey), Buffer.alloc(0)])
    expect(() => publicKeyOfRsa(key)).toThrow('the key of the authority is no public key of RSA');
});

describe('a key that is sent', () => {
  test('is written anew when it is one of P-256', () => {
    const key = spki(pair().publicKey);
    expect(publicKeyOfP256(key)).toEqual(key);
    // Bytes after it are left out.
    expect(publicKeyOfP256(Buffer.concat([key, Buffer.from('and more')]))).toEqual(key);
  });

  test.each([
    ['another curve', spki(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey)],
    ['RSA', spki(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)],
    ['nothing', Buffer.alloc(0)],
    ['a private key', pair().privateKey.export({ format: 'der', type: 'pkcs8' })],
  ])('is refused: %s', (_, key) => {
    expect(() => publicKeyOfP256(key)).toThrow('the key is no public key of the curve P-256');
  });
});

test('parts of DER are written as the standard has them', () => {
  const hex = (part: Buffer): string => part.toString('hex');
  // X.690, 8.19.5 and 8.3; lengths of 127, 128 and 256.
  expect(hex(objectIdentifier('2.999.3'))).toBe('0603883703');
  expect([[0], [0, 0, 1], [0x80], [0x7f]].map((bytes) => hex(integer(Buffer.from(bytes))))).toEqual([
    '020100',
    '020101',
    '02020080',
    '02017f',
  ]);
  const long = (bytes: number): string => hex(sequence(Buffer.alloc(bytes))).slice(0, 8);
  expect([127, 128, 256].map(long)).toEqual(['307f0000', '30818000', '30820100']);
  expect(hex(time(new Date('2050-01-01T00:00:00.999Z')))).toBe(`180f${hex(Buffer.from('20500101000000Z'))}`);
});
