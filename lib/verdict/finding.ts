/** Judgement on rolling something out as it stands. */
export type Judgement = 'safe' | 'needs-migration' | 'refused';

/** One thing that the comparison found, with what to do about it. */
export interface Finding {
  /** A note does not change the verdict. */
  readonly severity: 'note' | 'needs-migration' | 'refused';
  /** Stable name of the rule, for machines. */
  readonly rule: string;
  readonly stack?: string;
  readonly id?: string;
  readonly message: string;
  readonly remedy?: string;
  readonly source?: string;
  /** By what the configuration accepts it, when it does: it is a note then. */
  readonly accepted?: { readonly reason: string; readonly until: string };
}

const ORDER: readonly Judgement[] = ['safe', 'needs-migration', 'refused'];

/** The gravest of what was found. */
export function gravest(findings: readonly Finding[]): Judgement {
  return findings.reduce<Judgement>((worst, { severity }) => {
    const one = severity === 'note' ? 'safe' : severity;
    return ORDER.indexOf(one) > ORDER.indexOf(worst) ? one : worst;
  }, 'safe');
}

/** The gravest first, otherwise in the order in which they were found. */
export function sorted(findings: readonly Finding[]): Finding[] {
  const rank = { refused: 0, 'needs-migration': 1, note: 2 };
  return [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
}
