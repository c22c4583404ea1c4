import type { Phase, RetirablePart, TransientPart } from '../architecture/architecture';
import { type ClimbState, judge } from './gate-rules';

/** The logical ids of what each part consists of that goes with a contraction: construct ids never change, so neither do these. */
const RESOURCES_OF: Readonly<Record<RetirablePart | TransientPart, RegExp>> = {
  localDatabase: /^(BoxData|InUse)/,
  box: /^Box(?!Data)/,
  // The constructs library puts the stack's name before the id of a database's secret.
  database: /^([a-z0-9]+data)?(Database|Readers)/,
  mover: /^Mover/,
};

/** From where to where a live environment goes, when both sides say so. */
export interface Climb {
  readonly environment: string;
  readonly before: ClimbState;
  readonly after: ClimbState;
  readonly phases: readonly Phase[];
}

/** True when a resource belongs to a part that this climb retires. */
export function isRetired(id: string, { before, after, phases }: Climb): boolean {
  return phases
    .filter(({ number }) => number > lowest(before) && number <= lowest(after))
    .flatMap(({ retires, whileExpanding = [] }) => [...retires, ...whileExpanding])
    .some((part) => RESOURCES_OF[part].test(id));
}

/** True when a climb removes the old store of data that has moved. */
export function contractsData({ before, after, phases }: Climb): boolean {
  return phases.some(({ number, moves }) => moves === 'data' && number > lowest(before) && number <= lowest(after));
}

/** True when an expansion is given up: back to the phase that it came from, before anything is contracted. */
export function isGivenUp({ before, after }: Climb): boolean {
  return before.from !== undefined && after.phase === before.from && after.from === undefined;
}

/** Judgement on the step between two states, whatever the templates say. */
export type StepVerdict =
  | { readonly severity: 'safe' }
  | { readonly severity: 'needs-migration' | 'refused'; readonly message: string; readonly remedy: string };

/**
 * Judges the steps by the rules of the gate, so that command line, tests and gate never differ. What the gate would
 * let through once the migration is recorded as verified, or once the climb is expanded first, needs a migration.
 */
export function judgeSteps({ environment, before, after, phases }: Climb): StepVerdict {
  const ask = (from: ClimbState, to: ClimbState, verified: readonly string[]) =>
    judge({ environment, before: from, after: to, verified }, phases);
  const answer = ask(before, after, []);
  if (answer.allowed) return { severity: 'safe' };

  // Climbs that can be verified in a state: those up to it, not those that a step would only begin.
  const verifiedAt = (state: ClimbState): string[] =>
    phases.filter(({ number }) => number <= state.phase).map(({ number }) => `${number - 1}-${number}`);
  const expanded = { phase: after.phase, from: lowest(before) };
  // A gate may also let a failed contraction be taken back; here what it retired is gone, as both sides say.
  const forward = after.phase >= before.phase && lowest(after) >= lowest(before);
  const possible =
    (forward && ask(before, after, verifiedAt(before)).allowed) ||
    (after.phase > lowest(before) &&
      ask(before, expanded, []).allowed &&
      ask(expanded, after, verifiedAt(expanded)).allowed);
  const message = answer.reason.replace(/ \(forcing it would be .*\)$/, '');
  return { severity: possible ? 'needs-migration' : 'refused', message, remedy: answer.remedy };
}

function lowest({ phase, from }: ClimbState): number {
  return from ?? phase;
}
