import type { Phase } from '../architecture/architecture';

/** How far a live environment is, as its gate knows it. */
export interface ClimbState {
  readonly phase: number;
  /** While a climb expands: the phase whose parts still stand beside the new. */
  readonly from?: number;
}

/** What the gate is asked when a deployment wants to change the state. */
export interface GateQuestion {
  readonly environment: string;
  /** The state before; absent when the environment is new. */
  readonly before?: ClimbState;
  readonly after: ClimbState;
  /** Climbs whose migration is recorded as verified, for example `0-1`. */
  readonly verified: readonly string[];
  /** The one climb that the user wants in spite of the rules, for example `3-2`. */
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
  const climb = climbName(before, after);
  return force === climb
    ? { allowed: true, forced: climb }
    : { ...refusal, allowed: false, reason: `${refusal.reason} (forcing it would be --context force=${climb})` };
}

/** The climb that a change of state amounts to: from the lowest phase that still stands to the wanted one. */
export function climbName(before: ClimbState, after: ClimbState): string {
  return `${lowest(before)}-${after.phase}`;
}

type Refusal = { readonly reason: string; readonly remedy: string };

function refusalOf(before: ClimbState, question: GateQuestion, phases: readonly Phase[]): Refusal | undefined {
  const { after, environment, verified } = question;
  if (after.phase < before.phase) return refusalToDescend(before, question, phases);

  if (lowest(after) < lowest(before)) {
    return {
      reason: `what phase ${lowest(before)} retired is gone from ${environment}, and from=${lowest(after)} would build it anew, empty`,
      remedy: deploy(environment, after.phase, before.from),
    };
  }
  const moving = phases.filter(({ moves, number }) => moves !== undefined && number > lowest(before));
  for (const { number, moves } of moving.filter(({ number }) => number <= lowest(after))) {
    const climb = `${number - 1}-${number}`;
    if (number > before.phase) {
      return {
        reason: `phase ${number} moves ${moves} and would retire the old before the new has taken over`,
        remedy: deploy(environment, number, number - 1),
      };
    }
    if (!verified.includes(climb)) {
      return {
        reason: `the migration ${climb} is not recorded as verified, and this would retire what it moves ${moves} from`,
        remedy: `once you have checked that everything has moved: aws ssm put-parameter --type String --name ${verificationParameter(environment, climb)} --value "$(date -u +%FT%TZ)"`,
      };
    }
  }
  const expanding = moving.filter(({ number }) => number > lowest(after) && number <= after.phase);
  const [first, second] = expanding;
  const stale = expanding.map(({ number }) => `${number - 1}-${number}`).find((climb) => verified.includes(climb));
  if (stale !== undefined && first !== undefined && first.number > before.phase) {
    return {
      reason: `the migration ${stale} is recorded as verified by an earlier climb, and would let this one contract unverified`,
      remedy: `aws ssm delete-parameter --name ${verificationParameter(environment, stale)}, then deploy again`,
    };
  }
  if (first !== undefined && second !== undefined) {
    return {
      reason: `phases ${first.number} and ${second.number} both move something; a climb takes one at a time`,
      remedy: deploy(environment, first.number, first.number - 1),
    };
  }
  return undefined;
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
  const moved = expanded.map(({ number }) => `${number - 1}-${number}`).find((climb) => verified.includes(climb));
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
