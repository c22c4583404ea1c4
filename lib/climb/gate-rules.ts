import type { Phase } from '../architecture/architecture';
import { climbInto, movedParts } from '../architecture/moved-parts';

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
  /** Climbs of which something has moved, each with the full names of the parameters that say so; those that are verified have. */
  readonly moved?: Readonly<Record<string, readonly string[]>>;
  /** Reasons why the migration of a climb does not count as verified, for people. */
  readonly lacking?: Readonly<Record<string, string>>;
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
  for (const phase of moving.filter(({ number }) => number <= lowest(after))) {
    const { number, moves } = phase;
    const climb = climbInto(phase);
    if (number > before.phase) {
      return {
        reason: `phase ${number} moves ${moves} and would retire the old before the new has taken over`,
        remedy: deploy(environment, number, number - 1),
      };
    }
    if (!verified.includes(climb)) {
      const why = question.lacking?.[climb];
      return {
        reason: `the migration ${climb} is not recorded as verified since its expansion began${why === undefined ? '' : ` (${why})`}, and this would retire what it moves ${moves} from`,
        remedy: howToVerify(phase, environment),
      };
    }
  }
  const expanding = moving.filter(({ number }) => number > lowest(after) && number <= after.phase);
  const begun = expanding.filter(({ number }) => number > before.phase);
  const stale = begun.find((phase) => movedIn(question, phase).length > 0);
  if (stale !== undefined) {
    const climb = climbInto(stale);
    return {
      reason:
        stale.moves === 'data'
          ? `an earlier climb has left word that the data of ${climb} have moved: nodes would go to databases that are empty`
          : `the migration ${climb} is recorded as verified by an earlier climb, and would let this one contract unverified`,
      remedy: `aws ssm delete-parameters --names ${movedIn(question, stale).join(' ')}, then deploy again`,
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
  return moved.length === 1 && moved.map(climbInto).every((climb) => verified.includes(climb));
}

/** Says how the migration into a phase comes to be recorded: what moves data writes it itself. */
function howToVerify(phase: Phase, environment: string): string {
  const climb = climbInto(phase);
  if (phase.moves === 'traffic') {
    return `once you have checked that everything has moved: aws ssm put-parameter --type String --name ${verificationParameter(environment, climb)} --value "$(date -u +%FT%TZ)" --overwrite`;
  }
  // A function of any name shows whether each moves on its own.
  const [part] = movedParts(phase, ['F']);
  const whose = part?.function === undefined ? '' : ' --function F';
  return `beamstalk move ${climb} finish${whose} --env ${environment}${whose && ' for each function F'}, once its rows have moved (docs/moving.md)`;
}

/** Full names of the parameters that say that something of the climb into a phase has moved. */
function movedIn({ environment, verified, moved }: GateQuestion, phase: Phase): readonly string[] {
  const climb = climbInto(phase);
  return moved?.[climb] ?? (verified.includes(climb) ? [verificationParameter(environment, climb)] : []);
}

/**
 * An expansion may be given up as long as nothing has moved. Traffic moves with the expansion itself, at its end; data
 * with the migration. Anything else downwards is not safe.
 */
function refusalToDescend(before: ClimbState, question: GateQuestion, phases: readonly Phase[]): Refusal | undefined {
  const { after, environment } = question;
  const expanded = phases.filter(({ number, moves }) => moves && number > lowest(before) && number <= before.phase);
  const moved = expanded.filter((phase) => movedIn(question, phase).length > 0).map(climbInto)[0];
  const traffic = expanded.some(({ moves }) => moves === 'traffic');
  if (after.phase === before.from && after.from === undefined && moved === undefined && !traffic) return undefined;
  return {
    reason:
      moved === undefined || before.from === undefined
        ? `${environment} is at phase ${before.phase}; going down to ${after.phase} removes what runs there now`
        : `the migration ${moved} has moved something, which is no longer where phase ${after.phase} looks for it`,
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
