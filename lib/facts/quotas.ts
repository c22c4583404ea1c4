import facts from './quotas.json';

/** Whom a quota counts for: one region of an account, the account, or one thing of a kind, whatever else there is. */
export type QuotaScope = 'region' | 'account' | 'zone' | 'vpc' | 'security group' | 'database';

/** What AWS lets an account have of something, until it is asked for more. */
export interface Quota {
  /** As Service Quotas knows the service, for example `ec2`. */
  readonly service: string;
  /** As Service Quotas knows the quota; left out where it lists none for it (or none is known here). */
  readonly code?: string;
  /** What it is of, in the words of AWS's own page or shorter. */
  readonly name: string;
  /** What an account has by default. */
  readonly standard: number;
  /** Regions in which it is less. */
  readonly lessIn?: Readonly<Record<string, number>>;
  readonly scope: QuotaScope;
  /** Where a quota of the account is kept, when that is one region. */
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

/** What an account has of a quota by default in a region, or in most when none is named. */
export function standardIn(id: QuotaId, region = ''): number {
  const { standard, lessIn } = quotaOf(id);
  return lessIn?.[region] ?? standard;
}
