import type { Verdict } from '../../verdict/verdict-schema';

/** One entry of `accepted`, as a reader of a diff sees it. */
export interface AcceptedLine {
  readonly status: Verdict['accepted'][number]['status'];
  readonly what: string;
  readonly why: string;
}

/** Every removal that the configuration accepts, with what becomes of it in this step. */
export function acceptedLines({ accepted, findings }: Verdict): AcceptedLine[] {
  return accepted.map(({ rule, resource, reason, until, status }) => {
    const found = findings.find((one) => one.accepted !== undefined && one.rule === rule && placeOf(one) === resource);
    const what = found === undefined ? `${resource} [${rule}]` : `${resource}: ${found.message} [${rule}]`;
    const done = status === 'spent' ? 'it is gone: take the entry out of config/<env>.json by then; ' : '';
    return { status, what, why: `until ${until}: ${done}${reason}` };
  });
}

/** Exceptions to the meaning of a verdict. */
export function exceptAccepted(accepted: Verdict['accepted']): string {
  return accepted.some(({ status }) => status === 'in force') ? ' What is accepted below is not counted.' : '';
}

/** Findings but for those that are told where the accepted are. */
export function notAccepted(findings: Verdict['findings']): Verdict['findings'] {
  return findings.filter(({ accepted }) => accepted === undefined);
}

function placeOf({ stack, id }: Verdict['findings'][number]): string {
  return `${stack}/${id}`;
}
