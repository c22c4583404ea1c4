import facts from './quotas.json';

/** Whom a quota counts for: one region of an account, the account, or one thing of a kind, whatever else there is. */
export type QuotaScope = 'region' | 'account' | 'zone' | 'vpc' | 'security group' | 'database';

/** Service quota of AWS, until an increase is granted. */
export interface Quota {
  /** As Service Quotas knows the service, for example `ec2`. */
  readonly service: string;
  /** As Service Quotas knows the quota; left out where it lists none for it (or none is known here). */
  readonly code?: string;
  /** Name on AWS's own page, or shorter. */
  readonly name: string;
  /** Default value of an account. */
  readonly standard: number;
  readonly scope: QuotaScope;
  /** Region that keeps a quota of the whole account. */
  readonly home?: 'us-east-1';
  /** Page that gives the default. */
  readonly source: string;
}

/**
 * The quotas that the phases come near, or that a new account is short of: `quotas.json`, which names its sources and date.
 * Some accounts begin with less than the documented defaults: of vCPUs 5 to 32 are reported, of builds at once 1, of
 * Lambda 10. What an account has is what `beamstalk preflight` reads.
 */
const QUOTAS = facts.quotas;

export type QuotaId = keyof typeof QUOTAS;

export const QUOTA_IDS = Object.keys(QUOTAS) as readonly QuotaId[];

/** A quota, as one kind of row whichever it is. */
export function quotaOf(id: QuotaId): Quota {
  return QUOTAS[id] as Quota;
}
