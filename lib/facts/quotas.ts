import facts from './quotas.json';

/** Scope of a quota: one region of an account, the account, or one thing of a kind, whatever else there is. */
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
  /** Regions in which it is less. */
  readonly lessIn?: Readonly<Record<string, number>>;
  readonly scope: QuotaScope;
  /** Region that keeps a quota of the whole account. */
  readonly home?: 'us-east-1';
  /** Page that gives the default. */
  readonly source: string;
  /** Day on which a copy of that page was read, or `not opened`: the figure is assumed then. */
  readonly opened: string;
}

/**
 * The quotas that the phases come near, or that a new account is short of: `quotas.json`, which names its sources and date.
 * Some accounts begin with less than the documented defaults: of builds at once none, of Lambda 10 are reported, and AWS
 * says of Lambda that it is less (https://docs.aws.amazon.com/lambda/latest/dg/limits.html). Others begin with 32 vCPUs. What an account has is what `beamstalk preflight` reads.
 */
const QUOTAS = facts.quotas;

export type QuotaId = keyof typeof QUOTAS;

export const QUOTA_IDS = Object.keys(QUOTAS) as readonly QuotaId[];

/** A quota, as one kind of row whichever it is. */
export function quotaOf(id: QuotaId): Quota {
  return QUOTAS[id] as Quota;
}

/** Default of a quota in a region, or in most of them when none is named. */
export function standardIn(id: QuotaId, region = ''): number {
  const { standard, lessIn } = quotaOf(id);
  return lessIn?.[region] ?? standard;
}
