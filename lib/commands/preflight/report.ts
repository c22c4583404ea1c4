import type { QuotaId } from '../../facts/quotas';

/** State of a requirement. `unknown`: it could not be asked. */
export type Met = 'ok' | 'too little' | 'missing' | 'unknown';

/** A quota that the templates take something of. */
export interface QuotaRow {
  readonly quota: QuotaId;
  /** In AWS's words, with the region where it counts. */
  readonly name: string;
  readonly region: string;
  readonly service: string;
  readonly code?: string;
  /** With fleets at their least, when nothing changes. */
  readonly rest: number;
  /** The most at once with fleets at their least. */
  readonly peak: number;
  /** With fleets as large as scaling may make them. */
  readonly most: number;
  /** Additions to `rest` at the peak. */
  readonly because: readonly string[];
  /** Use by others in the account; absent where nobody was asked, or where others do not count. */
  readonly othersUse?: number;
  /** Quota of the account, or AWS's default when the account was not asked. */
  readonly allowed: number;
  readonly allowedBy: 'account' | 'default';
  readonly met: Met;
  readonly note?: string;
}

/** Something else that has to be there before a first deployment comes up. */
export interface Check {
  readonly what: string;
  readonly met: Met;
  readonly note: string;
}

export interface Report {
  readonly environment: string;
  /** The state that it is about, as `beamstalk diff` writes it, such as `3` or `2+1`. */
  readonly state: string;
  readonly quotas: readonly QuotaRow[];
  readonly checks: readonly Check[];
  /** Why the account could not be asked; absent when it was. */
  readonly offline?: string;
}

/** Exit code: 0 when all is there, 1 when something is missing, too little, or could not be asked. */
export function exitCodeOf({ quotas, checks, offline }: Report): 0 | 1 {
  return offline === undefined && [...quotas, ...checks].every(({ met }) => met === 'ok') ? 0 : 1;
}
