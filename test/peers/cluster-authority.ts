import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import {
  type Authority,
  authorityCertificate,
  type NodeIdentity,
  nodeCertificate,
} from '../../lambda/cluster-certificate/certificate';
import type { CertificateAnswer } from '../../lambda/cluster-certificate/handler';

const HOUR_MILLISECONDS = 3_600_000;

export const publicDer = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });

/** An authority whose key is here, and not in KMS; its certificates are made by the code of the function. */
export function clusterAuthority(name = 'beamstalk test'): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
  const sign: Authority['sign'] = (bytes) => Promise.resolve(createSign('sha256').update(bytes).sign(privateKey));
  return { name, publicKey: publicDer(publicKey), sign };
}

/** Certifies a key for an address, from an hour ago until in an hour where nothing else is said. */
export async function certified(
  authority: Authority,
  identity: Pick<NodeIdentity, 'address' | 'publicKey'> & Partial<NodeIdentity>,
): Promise<CertificateAnswer> {
  const from = new Date(Date.now() - HOUR_MILLISECONDS);
  const to = new Date(Date.now() + HOUR_MILLISECONDS);
  const certificate = await nodeCertificate(authority, { serial: randomBytes(16), from, to, ...identity });
  return { certificate, authorities: await authorityCertificate(authority) };
}
