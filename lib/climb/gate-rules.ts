import type { Phase } from '../architecture/architecture';

/** State of a live environment, as its gate knows it. */
export interface ClimbState {
  readonly phase: number;
  /** While a climb expands: the phase whose parts still stand beside the new. */
  readonly from?: number;
}

/** Question to the gate when a deployment wants to change the state. */
export interface GateQuestion {
  readonly environment: string;
  /** The state before; absent when the environment is new. */
  readonly before?: ClimbState;
  readonly after: ClimbState;
  /** Climbs whose migration is recorded as verified, for example `0-1`. */
  readonly verified: readonly string[];
  /** The one step that the user wants in spite of the rules, for example `3-to-2` or `3+1-to-2+1`. */
  readonly force?: string;
}

export type GateAnswer =
  | { readonly allowed: true; readonly forced?: string }
  | { readonly allowed: false; readonly reason: string; readonly remedy: string };

/** The name under which the verification of a climb is recorded in Parameter Store. */
export function verificationParameter(environment: string, climb: string): string {
  return `/beamstalk/${environment}/climb/verified/${climb}`;
}

/**
 * Decides whether a live environment may go from one state to another. An expansion adds and is let through; what
 * retires an old part must have been expanded before, one moving phase at a time, with its migration verified; going
 * down needs to be told.
 */
export function judge(question: GateQuestion, phases: readonly Phase[]): GateAnswer {
  const { before, after, force } = question;
  if (before === undefined) return { allowed: true };
  const refusal = refusalOf(before, question, phases);
  if (refusal === undefined) return { allowed: true };
  const step = stepName(before, after);
  return force === step
    ? { allowed: true, forced: step }
    : { ...refusal, allowed: false, reason: `${refusal.reason} (forcing it would be --context force=${step})` };
}

/** A state as `beamstalk diff` writes it: `2`, or `2+1` while the climb from 1 expands. */
function stateName({ phase, from }: ClimbState): string {
  return from === undefined ? String(phase) : `${phase}+${from}`;
}

/** Value of `force` for a step: both states by name, so that it lets no other step through. */
export function stepName(before: ClimbState, after: ClimbState): string {
  return `${stateName(before)}-to-${stateName(after)}`;
}

type Refusal = { readonly reason: string; readonly remedy: string };

function refusalOf(before: ClimbState, question: GateQuestion, phases: readonly Phase[]): Refusal | undefined {
  const { after, environment, verified } = question;
  // The same state is deployed again, with other settings or after a later failure.
  if (after.phase === before.phase && lowest(after) === lowest(before)) return undefined;
  if (after.phase < before.phase) return refusalToDescend(before, question, phases);

  if (lowest(after) < lowest(before)) {
    if (isContractionTakenBack(before, question, phases)) return undefined;
    return {
      reason: `what phase ${lowest(before)} retired is gone from ${environment}, and from=${lowest(after)} would build it anew, empty`,
      remedy: deploy(environment, after.phase, before.from),
    };
  }
  const moving = phases.filter(({ moves, number }) => moves !== undefined && number > lowest(before));
  for (const { number, moves } of moving.filter(({ number }) => number <= lowest(after))) {
    const climb = climbTo({ number });
    if (number > before.phase) {
      return {
        reason: `phase ${number} moves ${moves} and would retire the old before the new has taken over`,
        remedy: deploy(environment, number, number - 1),
      };
    }
    if (!verified.includes(climb)) {
      return {
        reason: `the migration ${climb} is not recorded as verified since its expansion began, and this would retire what it moves ${moves} from`,
        remedy: `once you have checked that everything has moved: aws ssm put-parameter --type String --name ${verificationParameter(environment, climb)} --value "$(date -u +%FT%TZ)" --overwrite`,
      };
    }
  }
  const expanding = moving.filter(({ number }) => number > lowest(after) && number <= after.phase);
  const begun = expanding.filter(({ number }) => number > before.phase);
  const stale = begun.map(climbTo).find((climb) => verified.includes(climb));
  if (stale !== undefined) {
    return {
      reason: `the migration ${stale} is recorded as verified by an earlier climb, and would let this one contract unverified`,
      remedy: `aws ssm delete-parameter --name ${verificationParameter(environment, stale)}, then deploy again`,
    };
  }
  const [first, second] = expanding;
  // An environment that was created with two expansions at once keeps them; none is climbed to.
  if (first !== undefined && second !== undefined && begun.length > 0) {
    return {
      reason: `phases ${first.number} and ${second.number} both move something; a climb takes one at a time`,
      remedy: deploy(environment, first.number, first.number - 1),
    };
  }
  return undefined;
}

/**
 * A contraction is recorded here, in the first stack, before the stacks that carry it out. When one of those fails, the
 * old parts still stand and this record is ahead of them: the expansion may be deployed again. What the climb moves has
 * moved, or its contraction would not have been let through; should the old parts be gone after all, what is built in
 * their place is empty and nobody looks there.
 */
function isContractionTakenBack(
  before: ClimbState,
  { after, verified }: GateQuestion,
  phases: readonly Phase[],
): boolean {
  if (after.phase !== before.phase || before.from !== undefined) return false;
  const moved = phases.filter(({ number, moves }) => moves && number > lowest(after) && number <= before.phase);
  return moved.length === 1 && moved.map(climbTo).every((climb) => verified.includes(climb));
}

/** The climb of one phase, as its migration is recorded: `0-1`. */
function climbTo({ number }: Pick<Phase, 'number'>): string {
  return `${number - 1}-${number}`;
}

/**
 * An expansion may be given up as long as nothing has moved. Traffic moves with the expansion itself, at its end; data
 * with the migration. Anything else downwards is not safe.
 */
function refusalToDescend(
  before: ClimbState,
  { after, environment, verified }: GateQuestion,
  phases: readonly Phase[],
): Refusal | undefined {
  const expanded = phases.filter(({ number, moves }) => moves && number > lowest(before) && number <= before.phase);
  const moved = expanded.map(climbTo).find((climb) => verified.includes(climb));
  const traffic = expanded.some(({ moves }) => moves === 'traffic');
  if (after.phase === before.from && after.from === undefined && moved === undefined && !traffic) return undefined;
  return {
    reason:
      moved === undefined || before.from === undefined
        ? `${environment} is at phase ${before.phase}; going down to ${after.phase} removes what runs there now`
        : `the migration ${moved} is recorded as verified: what it moved is no longer where phase ${after.phase} looks for it`,
    remedy: deploy(environment, before.phase, before.from),
  };
}

function lowest({ phase, from }: ClimbState): number {
  return from ?? phase;
}

function deploy(environment: string, phase: number, from?: number): string {
  const expanding = from === undefined ? '' : ` --context from=${from}`;
  return `npx cdk deploy --all --context env=${environment} --context phase=${phase}${expanding}`;
}
