import { counted } from '../../template/counted';
import { table } from '../table';
import type { Check, QuotaRow, Report } from './report';

/** Quotas of which less than this share is taken are counted, not listed. */
const WORTH_SHOWING = 0.1;

/** A report for people. */
export function text({ environment, state, quotas, checks, offline }: Report): string {
  const shown = quotas.filter(({ met, peak, allowed }) => met === 'too little' || peak >= WORTH_SHOWING * allowed);
  const others = quotas.length - shown.length;
  return [
    `${environment} at ${state}: what the account must have`,
    '',
    table(
      ['quota', 'region', 'at rest', 'at its peak', 'others use', 'allowed', ''],
      shown.map((row) => [
        row.name,
        row.region,
        String(row.rest),
        String(row.peak),
        row.othersUse === undefined ? '-' : String(row.othersUse),
        row.allowedBy === 'default' ? `${row.allowed} by default` : String(row.allowed),
        row.met,
      ]),
    ).trimEnd(),
    ...(others > 0 ? [`and ${counted(others, 'other')}, of which less than a tenth is taken`] : []),
    ...shown.flatMap(notesOf),
    ...(checks.length === 0 ? [] : ['', table(['must be there', '', ''], checks.map(rowOf)).trimEnd()]),
    '',
    conclusion({ quotas, checks, offline }),
    '',
  ].join('\n');
}

function rowOf({ what, met, note }: Check): string[] {
  return [what, met, note];
}

function notesOf({ name, because, most, peak, note }: QuotaRow): string[] {
  const words = [
    ...because,
    ...(most > peak ? [`${most} when fleets are as large as scaling may make them`] : []),
    ...(note === undefined ? [] : [note]),
  ];
  return words.length === 0 ? [] : [`  ${name}: ${words.join('; ')}`];
}

function conclusion({ quotas, checks, offline }: Pick<Report, 'quotas' | 'checks' | 'offline'>): string {
  if (offline !== undefined) return `Nothing was compared with an account: ${offline}.`;
  const bad = [...quotas, ...checks].filter(({ met }) => met === 'too little' || met === 'missing').length;
  const unknown = [...quotas, ...checks].filter(({ met }) => met === 'unknown').length;
  if (bad + unknown === 0) return 'All is there.';
  const parts = [
    ...(bad > 0 ? [`${bad} ${bad === 1 ? 'is' : 'are'} missing or too little`] : []),
    ...(unknown > 0 ? [`${unknown} could not be asked`] : []),
  ];
  return `Not ready: ${parts.join(', ')}.`;
}
