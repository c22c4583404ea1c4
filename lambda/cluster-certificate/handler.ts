import { randomBytes } from 'node:crypto';
import { authorityOf } from './authority';
import { callerOf, type SignedQuestion } from './caller';
import { authorityCertificate, nodeCertificate, publicKeyOfP256 } from './certificate';
import { isRoleOf } from './fleet-role';
import { addressOf } from './instance';
import { Later, type NotYet, notYet } from './later';
import { Refused } from './refused';

/** Request of a node. */
export interface CertificateRequest extends SignedQuestion {
  /** Public half of its key, SubjectPublicKeyInfo in DER and base64. The other half never leaves it. */
  readonly publicKey: string;
}

/** Answer to it, both PEM. */
export interface CertificateAnswer {
  readonly certificate: string;
  /** The one authority that is trusted. */
  readonly authorities: string;
}

const DAY_MILLISECONDS = 86_400_000;
/** A node whose clock is behind takes it all the same. */
const EARLIER_MILLISECONDS = 5 * 60_000;
const DEADLINE_MILLISECONDS = 15_000;

/**
 * Certifies that a key is that of the node which asks, by its private address as EC2 knows it: nothing of what the node says of
 * itself comes into the certificate but its key.
 *
 * @throws Error in one line for whoever gets none, `Refused` where asking again changes nothing; the node says it in its log, and an
 *   alarm counts it. What passes by itself is answered.
 */
export async function handler(request: Partial<CertificateRequest>): Promise<CertificateAnswer | NotYet> {
  try {
    return await certify(request);
  } catch (error) {
    if (error instanceof Later) return notYet(error);
    throw error;
  }
}

async function certify(request: Partial<CertificateRequest>): Promise<CertificateAnswer> {
  const { publicKey, authorization, date, token } = request;
  for (const [name, value] of Object.entries({ publicKey, authorization, date, token })) {
    if (typeof value !== 'string') throw new Refused(`expected ${name} as text, got ${typeof value}`);
  }
  const abort = AbortSignal.timeout(DEADLINE_MILLISECONDS);
  const key = publicKeyOfP256(Buffer.from(publicKey ?? '', 'base64'));
  const { region, account, environment, host, fleets, roles, days, keyId } = settings();
  const question = { authorization: authorization ?? '', date: date ?? '', token: token ?? '' };
  const caller = await callerOf(question, key, { host, region, environment });
  if (caller.account !== account) throw new Refused(`${caller.instance} is of the account ${caller.account}`);
  if (!roles.some((fleet) => isRoleOf(fleet, caller.role)))
    throw new Refused(`${caller.role} is no role of a fleet of ${environment}`);
  const address = await addressOf(caller.instance, fleets, abort);
  const now = Date.now();
  const authority = await authorityOf(keyId, `beamstalk ${environment}`, abort);
  const [certificate, authorities] = await Promise.all([
    nodeCertificate(authority, {
      address,
      publicKey: key,
      serial: randomBytes(16),
      from: new Date(now - EARLIER_MILLISECONDS),
      to: new Date(now + days * DAY_MILLISECONDS),
    }),
    authorityCertificate(authority),
  ]);
  console.log(JSON.stringify({ certified: caller.instance, role: caller.role, address, days }));
  return { certificate, authorities };
}

function settings() {
  return {
    region: variable('AWS_REGION'),
    account: variable('ACCOUNT'),
    environment: variable('ENVIRONMENT'),
    host: variable('IDENTITY_HOST'),
    keyId: variable('KEY_ID'),
    fleets: variable('FLEETS').split(' '),
    roles: variable('ROLES').split(' '),
    days: Number(variable('DAYS')),
  };
}

/** @throws Error when the function was deployed without it. */
function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`expected the variable ${name}`);
  return value;
}
