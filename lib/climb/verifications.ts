import type { Phase } from '../architecture/architecture';
import { climbInto, type MovedPart, movedParts } from '../architecture/moved-parts';
import { verificationParameter } from './gate-rules';
import { identityOf, isOfSwitch, isUnproven, type MoveRecord, moveRecordIn, recordOf } from './move-record';
import { saidPlace } from './said-place';

/** Record of what was verified, as Parameter Store has it: by its name below `climb/verified/`. */
export interface VerificationRecord {
  readonly name: string;
  readonly value: string;
  readonly modified: Date | undefined;
}

export interface VerificationsProps {
  readonly environment: string;
  readonly phases: readonly Phase[];
  /** Functions that have a database of their own, before the step or after it. */
  readonly functions: readonly string[];
  readonly records: readonly VerificationRecord[];
  /** Parameters by their names below the environment, as far as `parametersOf` asks for them. */
  readonly parameters: ReadonlyMap<string, string>;
  /** ARNs of who wrote parameters last, by their names below the environment, as far as `writtenOf` asks for them. */
  readonly writers: ReadonlyMap<string, string>;
  /** Time from which on records count; undefined when it is not known, and none does. */
  readonly since: Date | undefined;
  readonly now: Date;
}

/** Knowledge of migrations, by their climbs such as `0-1`. */
export interface Verifications {
  readonly verified: readonly string[];
  /** Full names of the parameters that say that something of it has moved. */
  readonly moved: Readonly<Record<string, readonly string[]>>;
  /** Reasons why it is not verified, for people. */
  readonly lacking: Readonly<Record<string, string>>;
}

/** Names of the parameters that say where data are now, for `parameters`. */
export function parametersOf(phases: readonly Phase[], functions: readonly string[]): string[] {
  return phases
    .flatMap((phase) => movedParts(phase, functions))
    .flatMap(({ topic }) => [endpointOf(topic), sourceOf(topic)]);
}

/** Names of the parameters of which it counts who wrote them: the records of data that moved, and what nodes were told of them. */
export function writtenOf({
  phases,
  functions,
  records,
}: Pick<VerificationsProps, 'phases' | 'functions' | 'records'>): string[] {
  return phases
    .flatMap((phase) => movedParts(phase, functions))
    .filter((part) => records.some(({ name }) => name === part.name))
    .flatMap((part) => [recordOf(part), sourceOf(part.topic)]);
}

/**
 * Says what has moved and what was verified. Traffic counts as verified by a time that somebody wrote; data by records of
 * `beamstalk move`, one for each part, and only as long as nodes are told to go to the database that each one names, by the switch
 * that it is of, and by whoever wrote it: the mover. Who may write both parameters as one identity can still forge them.
 *
 * Parameters outlive stacks: a record that was put there before `since`, or speaks of a time before it, is of another climb.
 */
export function verificationsOf(props: VerificationsProps): Verifications {
  const verified: string[] = [];
  const moved: Record<string, readonly string[]> = {};
  const lacking: Record<string, string> = {};
  for (const phase of props.phases) {
    const climb = climbInto(phase);
    if (phase.moves === 'traffic') {
      const record = props.records.find(({ name }) => name === climb);
      if (record === undefined || !isOfNow(record, record.value, props)) continue;
      verified.push(climb);
      moved[climb] = [verificationParameter(props.environment, climb)];
    }
    if (phase.moves !== 'data') continue;
    const parts = movedParts(phase, props.functions);
    const left = parts.flatMap((part) => lackingOf(part, props) ?? []);
    if (parts.length > 0 && left.length === 0) verified.push(climb);
    else lacking[climb] = left.length > 0 ? left.join('; ') : 'nothing has a database of its own to move to';
    const told = parts.filter(({ topic, words }) => placeOf(topic, props.parameters) === words.target);
    if (told.length > 0) moved[climb] = told.map(({ topic }) => `/beamstalk/${props.environment}/${sourceOf(topic)}`);
  }
  return { verified, moved, lacking };
}

/** Reason why a part is not verified; undefined when it is. */
function lackingOf(part: MovedPart, props: VerificationsProps): string | undefined {
  const { environment, records, parameters, writers } = props;
  const what = part.function === undefined ? '' : `${part.function}: `;
  const found = records.find(({ name }) => name === part.name);
  if (found === undefined) return `${what}no record`;
  const record = moveRecordIn(found.value);
  if (record === undefined) {
    return isUnproven(found.value)
      ? `${what}its move was finished without proof that rows were equal`
      : `${what}its record is none of beamstalk move`;
  }
  if (record.environment !== environment || record.climb !== part.climb || record.function !== part.function) {
    return `${what}its record is of another environment, climb or function`;
  }
  if (!isOfNow(found, record.verifiedAt, props) || !isBegunSince(record, props))
    return `${what}its record is older than the expansion`;
  // Once a contraction has begun, the database that data have left is perhaps no more, and nor is its parameter.
  const left = part.function === undefined ? BOX : parameters.get(endpointOf(SINGLE));
  if (left !== undefined && record.source !== left)
    return `${what}its record names another database that data have left than ${part.function === undefined ? 'that of the box' : endpointOf(SINGLE)}`;
  const { topic, words } = part;
  if (record.target !== parameters.get(endpointOf(topic)))
    return `${what}its record names another database than ${endpointOf(topic)}`;
  const said = parameters.get(sourceOf(topic)) ?? '';
  if (saidPlace(said).place !== words.target) return `${what}${sourceOf(topic)} is not ${words.target}`;
  if (!isOfSwitch(record, said)) {
    return `${what}its record is of switch ${record.begun}.${record.epoch}, and ${sourceOf(topic)} is ${said}`;
  }
  const [writer, teller] = [recordOf(part), sourceOf(topic)].map((name) => writers.get(name));
  if (writer === undefined || teller === undefined || identityOf(writer) !== identityOf(teller)) {
    return `${what}its record was written by ${writer ?? 'nobody known'}, and not by the mover, who tells the nodes where to go`;
  }
  return undefined;
}

/** Source in the record of data that have left the box (lib/node/boot/files/bin/move.sh). */
const BOX = 'box';
/** Topic of the database that functions leave. */
const SINGLE = 'database';

/** Tells a record that was written since what it verifies began, and speaks of a time since then. */
function isOfNow({ modified }: VerificationRecord, time: string, { since, now }: VerificationsProps): boolean {
  if (since === undefined || modified === undefined || modified < since || !ISO_TIME.test(time)) return false;
  const at = Date.parse(time);
  return at >= since.getTime() - CLOCK_SKEW && at <= now.getTime() + CLOCK_SKEW;
}

/** Tells a move that was started since the expansion began, and before its rows were found equal. */
function isBegunSince({ begun, verifiedAt }: MoveRecord, { since }: VerificationsProps): boolean {
  const at = begun * 1000;
  return since !== undefined && at >= since.getTime() - CLOCK_SKEW && at <= Date.parse(verifiedAt) + CLOCK_SKEW;
}

/** Form that `date -u +%FT%TZ` writes, with fractions of a second allowed. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** Milliseconds by which the clock of whoever records may be ahead or behind; a time is cut off at seconds. */
const CLOCK_SKEW = 5 * 60_000;

function endpointOf(topic: string): string {
  return `${topic}/endpoint`;
}

function placeOf(topic: string, parameters: ReadonlyMap<string, string>): string | undefined {
  const said = parameters.get(sourceOf(topic));
  return said === undefined ? undefined : saidPlace(said).place;
}

function sourceOf(topic: string): string {
  return `${topic}/source`;
}
