import type { Finding } from '../../move/finding';
import type { Evidence, Frozen, NoEvidence, Status } from '../../move/results';
import { UNPROVEN } from '../../move/trouble';
import { counted } from '../../template/counted';

const LEVELS = { refuse: 'refused', accept: 'to be decided', note: 'note' } as const;

/** Findings of the preflight, the gravest first; those that were accepted are notes. */
export function findingsInWords(findings: readonly Finding[], accepted: readonly string[]): string {
  const order = Object.keys(LEVELS);
  const lines = findings
    .map((finding) => (isOpen(finding, accepted) ? finding : { ...finding, level: 'note' as const }))
    .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
    .map(({ id, level, what, remedy }) => {
      const how = level === 'accept' ? `${remedy === '' ? '' : `${remedy}; `}or add "${id}" to accepted` : remedy;
      return `${LEVELS[level]}: ${id}: ${what}${how === '' ? '' : `\n    ${how}`}`;
    });
  const open = openOf(findings, accepted).length;
  const verdict =
    open === 0
      ? 'nothing stands against the move'
      : `${counted(open, 'finding')} stand${open === 1 ? 's' : ''} against the move`;
  return `${[...lines, verdict].join('\n')}\n`;
}

/** Findings that keep a move from starting. */
export function openOf(findings: readonly Finding[], accepted: readonly string[]): readonly Finding[] {
  return findings.filter((finding) => isOpen(finding, accepted) && finding.level !== 'note');
}

function isOpen({ id, level }: Finding, accepted: readonly string[]): boolean {
  return level !== 'accept' || !accepted.includes(id);
}

export function frozenInWords(frozen: Frozen, outcome: string): string {
  const { lockingMilliseconds, lockedMilliseconds, triesBefore, verification } = frozen;
  const { tables, rows, seconds, equal, differences } = verification;
  const tries = triesBefore === 0 ? '' : `, after ${counted(triesBefore, 'try')} that did not get them`;
  const compared = `${rows.toLocaleString('en-US')} rows of ${counted(tables, 'table')} compared in ${seconds.toFixed(1)} s`;
  const how = equal ? 'equal' : `NOT EQUAL: ${differences.join('; ')}`;
  return `${outcome}\n  locks held: ${Math.round(lockedMilliseconds)} ms, ${Math.round(lockingMilliseconds)} ms to get them${tries}\n  ${compared}: ${how}\n`;
}

const WIDTH = 30;

/** One line for a terminal, such as `copying [######      ] 52 %  3 of 12 tables, 1.2 of 2.3 GB`. */
export function progressInWords({ step, tables, bytes, lagBytes }: Status): string {
  const share = bytes.expected === 0 ? 1 : Math.min(1, bytes.done / bytes.expected);
  const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH);
  const lag = lagBytes === undefined ? '' : `, ${size(lagBytes)} behind`;
  return `${step} [${bar}] ${Math.round(share * 100)} %  ${tables.copied} of ${counted(tables.total, 'table')}, ${size(bytes.done)} of ${size(bytes.expected)}${lag}`;
}

export function statusInWords(status: Status, titles: { readonly source: string; readonly target: string }): string {
  const { step, serving, interrupted, epoch, verified, next, problems } = status;
  const unknown = interrupted ? 'nowhere: a switch was interrupted' : `${titles.target}, or nowhere: it does not say`;
  const place = serving === undefined ? unknown : titles[serving];
  return [
    ...(['new', 'finished', 'abandoning'].includes(step) ? [step] : [progressInWords(status)]),
    `users write to ${place}${epoch === 0 ? '' : `, after ${counted(epoch, 'switch')}${verified ? '; rows were equal' : ''}`}`,
    ...problems.map((problem) => `problem: ${problem}`),
    `next: ${next}`,
    '',
  ].join('\n');
}

export function evidenceInWords(end: Evidence | NoEvidence): string {
  if ('proven' in end) return `finished without proof: ${UNPROVEN}\n`;
  const { tables, rows, digest, verifiedAt } = end;
  return `finished: ${rows.toLocaleString('en-US')} rows of ${counted(tables, 'table')} were equal at ${verifiedAt} (${digest})\n`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

function size(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes <= 0 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${UNITS[step]}`;
}
