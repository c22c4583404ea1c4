import { counted } from '../account/counts';
import type { Configuration } from '../config/configuration';
import { ConfigurationError } from '../config/configuration-error';
import { mustSayPhase } from '../config/said-phase';
import { quotaOf, standardIn } from '../facts/quotas';
import { type SynthesisProps, synthesise } from '../synthesis';
import { asFlags } from './as-flags';
import { contextOf, type SideName } from './diff/side';
import { Account } from './preflight/account';
import { ASKED_TOO_OFTEN, UnreachableError } from './preflight/asked';
import { readinessOf } from './preflight/readiness';
import { exitCodeOf, type Met, type QuotaRow, type Report } from './preflight/report';
import { type Placed, type PlacedNeed, placedNeeds, within } from './preflight/rows';
import { text } from './preflight/text';

export interface PreflightProps extends Pick<SynthesisProps, 'directory' | 'cdkJson'> {
  readonly environment: string;
  readonly side: Extract<SideName, { readonly kind: 'phase' | 'configured' }>;
  /** Settings by their dotted path. */
  readonly settings: Readonly<Record<string, string>>;
  readonly format: 'text' | 'json';
}

export interface PreflightResult {
  readonly output: string;
  /** Why the account could not be asked, for the user. */
  readonly complaint?: string;
  readonly exitCode: 0 | 1;
}

/**
 * Compares what an environment needs of an account with what the account may have and has, before anything is deployed.
 *
 * @throws ConfigurationError when the configuration is not sound.
 */
export async function preflight(props: PreflightProps): Promise<PreflightResult> {
  const { configuration, after } = planned(props);
  const report = await reportOf(configuration, after);
  const output = props.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : text(report);
  const complaint = report.offline ?? asksForPatience(report);
  return { output, exitCode: exitCodeOf(report), ...(complaint !== undefined && { complaint }) };
}

/** Advice when AWS left out answers because it was asked too often; undefined when it did not. */
function asksForPatience({ quotas, checks }: Report): string | undefined {
  const missing = [...quotas, ...checks].filter(({ note = '' }) => note.includes(ASKED_TOO_OFTEN)).length;
  return missing === 0
    ? undefined
    : `AWS was asked too often to answer all: ${missing === 1 ? 'one is' : `${missing} are`} unknown, try again in a minute`;
}

function planned({ environment, side, settings, directory, cdkJson }: PreflightProps): {
  configuration: Configuration;
  after: Placed;
} {
  const context = contextOf(side, environment, settings);
  try {
    mustSayPhase({ context, directory });
    const { configuration, templates, regions } = synthesise({ context, directory, cdkJson });
    return { configuration, after: { templates, regions } };
  } catch (error) {
    throw error instanceof ConfigurationError
      ? asFlags(error, '--set', { phase: 'PHASE, such as 2', from: 'PHASE, such as 2+1' })
      : error;
  }
}

async function reportOf(configuration: Configuration, after: Placed): Promise<Report> {
  const { environment, phase, from } = configuration;
  const state = `phase ${phase}${from === undefined ? '' : `+${from}`}`;
  try {
    const before = await deployed(configuration, after);
    const accounts = new Map<string, Account>();
    for (const region of new Set([...Object.values(after.regions), 'us-east-1']))
      accounts.set(region, await Account.in(region));
    const quotas: QuotaRow[] = [];
    // One after the other in each batch: Service Quotas takes few calls in a second.
    const needs = placedNeeds(after, before);
    for (let first = 0; first < needs.length; first += AT_ONCE) {
      const batch = needs.slice(first, first + AT_ONCE);
      quotas.push(...(await Promise.all(batch.map((need) => compared(need, accounts, environment, before)))));
    }
    return { environment, state, quotas, checks: await readinessOf(configuration, after) };
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const quotas = placedNeeds(after, { templates: {}, regions: {} }).map(uncompared);
    return { environment, state, quotas, checks: [], offline: error.message };
  }
}

const AT_ONCE = 4;

/** Templates of the environment that are deployed already, in the regions that the new ones name. */
async function deployed({ environment, region }: Configuration, { regions }: Placed): Promise<Placed> {
  const { readDeployed } = await import('./diff/deployed');
  try {
    const { templates } = await readDeployed(environment, region);
    return {
      templates,
      regions: Object.fromEntries(Object.keys(templates).map((stack) => [stack, regions[stack] ?? region])),
    };
  } catch (error) {
    // The reason why AWS cannot be asked is given once, by the first quota.
    if (error instanceof ConfigurationError) return { templates: {}, regions: {} };
    throw error;
  }
}

function uncompared(need: PlacedNeed): QuotaRow {
  const standard = standardIn(need.quota, need.region);
  const row = rowOf(need, standard, 'default');
  return { ...row, met: 'unknown', ...(need.peak > standard && { note: moreNeeded(row, need.peak) }) };
}

function rowOf(need: PlacedNeed, allowed: number, allowedBy: QuotaRow['allowedBy']): Omit<QuotaRow, 'met'> {
  const { name, service, code } = quotaOf(need.quota);
  return { ...need, name, service, ...(code !== undefined && { code }), allowed, allowedBy };
}

async function compared(
  need: PlacedNeed,
  accounts: ReadonlyMap<string, Account>,
  environment: string,
  before: Placed,
): Promise<QuotaRow> {
  const account = accounts.get(need.region);
  if (account === undefined) return uncompared(need);
  const [allowed, used] = [await account.allowed(need.quota), await account.used(need.quota, environment)];
  const standard = standardIn(need.quota, need.region);
  const known = 'answer' in allowed && allowed.answer !== undefined;
  const row = rowOf(need, known ? allowed.answer : standard, known ? 'account' : 'default');
  const total = 'answer' in used ? used.answer : undefined;
  const others = total === undefined ? undefined : Math.max(0, total - own(need, before));
  const needed = need.peak + (others ?? 0);
  const refused = [allowed, used].flatMap((outcome) => ('refused' in outcome ? [outcome.refused] : []));
  // Without its quota an account is measured by nothing, and without what others use by less than it should be.
  const short = needed > row.allowed && !('refused' in allowed);
  const met: Met = short ? 'too little' : refused.length > 0 ? 'unknown' : 'ok';
  const note = [
    ...(met === 'too little' ? [moreNeeded(row, needed)] : []),
    ...refused.map((why) => `AWS does not say: ${why}`),
  ].join('; ');
  return { ...row, met, ...(others !== undefined && { othersUse: others }), ...(note !== '' && { note }) };
}

/** Part of the account's use that is the environment's own, and is computed anew. */
function own({ quota, region }: PlacedNeed, before: Placed): number {
  // Instances are asked for whose they are.
  if (quota === 'vcpus' || quota === 'vcpus-x') return 0;
  return counted(quota, quotaOf(quota).home === undefined ? within(before, region) : before.templates);
}

function moreNeeded({ service, code, region }: Pick<QuotaRow, 'service' | 'code' | 'region'>, needed: number): string {
  return code === undefined
    ? `ask AWS Support for at least ${needed}`
    : `ask for more: aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} --desired-value ${needed}`;
}
