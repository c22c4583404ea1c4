import { type Acceptance, acceptanceSchema } from '../facts/acceptance';
import { NESTED_STACKS } from '../template/nested-stacks';
import type { Templates } from '../template/template';
import { type Finding, gravest, sorted } from './finding';
import type { Rule } from './rule';
import { GATE } from './rules/deployment/gate-integrity';
import { RULES_OF_THE_GATE } from './rules/deployment/stopped-by-gate';
import type { Verdict } from './verdict-schema';

export const ACCEPTANCE_VOID: Rule = {
  id: 'acceptance-void',
  severity: 'refused',
  summary:
    'An entry of `accepted` has expired, finds nothing that it could accept, would accept more than it names, or stands in a step that the gate refuses.',
  why: 'An entry that stays behind would let a later removal through on which nobody has agreed.',
};

export interface AcceptanceProps {
  readonly after: Templates;
  /** Recorded templates of the side before, when they were synthesised or deployed earlier. */
  readonly recordedBefore?: Templates;
  /** ISO 8601 date, UTC, such as 2026-11-29. */
  readonly today: string;
}

type Entry = Verdict['accepted'][number];

/**
 * Applies the removals that the side after accepts to a verdict: each lets the finding that it names through. One that
 * cannot be applied refuses the step, with one exception: what was accepted before and is gone has been carried out.
 */
export function withAcceptances(verdict: Verdict, { after, recordedBefore = {}, today }: AcceptanceProps): Verdict {
  const written = entriesIn(after);
  if (written.length === 0) return verdict;
  const carried = new Set(entriesIn(recordedBefore).flatMap(({ entry }) => (entry ? [keyOf(entry)] : [])));
  const accepted: Entry[] = [];
  const voids: Finding[] = [];
  const lifted = new Map<Finding, Acceptance>();
  for (const { entry, problem } of written) {
    if (entry === undefined) {
      voids.push(refusal(undefined, `an entry of accepted is none: ${problem}`));
      continue;
    }
    const found = verdict.findings.filter((finding) => isAbout(finding, entry));
    const reason = whyVoid(entry, found, verdict, today) ?? whyUnmatched(entry, found, after, carried);
    if (reason !== undefined) voids.push(refusal(entry, reason));
    else for (const one of found) lifted.set(one, entry);
    accepted.push({ ...entry, status: reason !== undefined ? 'void' : found.length > 0 ? 'in force' : 'spent' });
  }
  const findings = sorted([
    ...voids,
    ...verdict.findings.map((finding): Finding => {
      const by = lifted.get(finding);
      if (by === undefined) return finding;
      const { remedy: _, ...rest } = finding;
      return { ...rest, severity: 'note', accepted: { reason: by.reason, until: by.until } };
    }),
  ]);
  const own = ({ stack, id }: { stack: string; id: string }): Finding[] =>
    findings.filter((finding) => finding.stack === stack && finding.id === id);
  return {
    ...verdict,
    verdict: gravest(findings),
    changes: verdict.changes.map((change) => ({ ...change, verdict: gravest(own(change)) })),
    findings,
    accepted,
  };
}

/** The entries that are recorded with the gate, each read or with what keeps it from being one. */
function entriesIn(templates: Templates): { entry?: Acceptance; problem?: string }[] {
  const gates = Object.values(templates)
    .flatMap(({ Resources = {} }) => Object.values(Resources))
    .filter(({ Type }) => Type === GATE);
  return gates.flatMap(({ Properties = {} }) => {
    const { Accepted = [] } = Properties;
    return (Array.isArray(Accepted) ? Accepted : [Accepted]).map((one: unknown) => {
      const { data, error } = acceptanceSchema.safeParse(one);
      if (data !== undefined) return { entry: data };
      const [issue] = error.issues;
      return { problem: `${[...(issue?.path ?? [])].join('.') || 'it'}: allowed: ${issue?.message}` };
    });
  });
}

function keyOf({ rule, resource }: Acceptance): string {
  return `${rule} ${resource}`;
}

function isAbout({ rule, stack, id, severity }: Finding, entry: Acceptance): boolean {
  return severity !== 'note' && rule === entry.rule && `${stack}/${id}` === entry.resource;
}

function whyVoid(
  { resource, until }: Acceptance,
  found: readonly Finding[],
  { changes, findings }: Verdict,
  today: string,
): string | undefined {
  if (today > until) return `was accepted until ${until}, which has passed`;
  if (found.length === 0) return undefined;
  const gate = findings.find(({ rule }) => RULES_OF_THE_GATE.has(rule));
  if (gate !== undefined) return `is accepted, but nothing is in a step that the gate stops (${gate.rule})`;
  if (found.length > 1) return `is accepted once, and the entry would cover ${found.length} findings`;
  const change = changes.find(({ stack, id }) => `${stack}/${id}` === resource);
  return change !== undefined && NESTED_STACKS.has(change.type)
    ? `is accepted, and the entry would cover more than it names: all that this ${change.name} holds`
    : undefined;
}

/** Nothing to accept is as it should be only when it was accepted before, and what it names is gone. */
function whyUnmatched(
  entry: Acceptance,
  found: readonly Finding[],
  after: Templates,
  carried: ReadonlySet<string>,
): string | undefined {
  if (found.length > 0) return undefined;
  const [stack = '', id = ''] = entry.resource.split('/');
  if (after[stack]?.Resources?.[id] !== undefined) return 'is accepted as removed, and stands afterwards';
  return carried.has(keyOf(entry)) ? undefined : `is accepted, and ${entry.rule} finds nothing there in this step`;
}

function refusal(entry: Acceptance | undefined, message: string): Finding {
  const [stack, id] = entry?.resource.split('/') ?? [];
  const place = stack !== undefined && id !== undefined ? { stack, id } : {};
  const remedy = 'take the entry out of accepted in config/<env>.json, or mend it there (docs/accepting.md)';
  return { severity: 'refused', rule: 'acceptance-void', ...place, message, remedy };
}
