import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import {
  GetParametersCommand,
  ParameterNotFound,
  PutParameterCommand,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { PHASES } from '../../lib/architecture/phases/list';
import { type ClimbState, type GateAnswer, judge, verificationParameter } from '../../lib/climb/gate-rules';
import {
  parametersOf,
  type VerificationRecord,
  type Verifications,
  verificationsOf,
  writtenOf,
} from '../../lib/climb/verifications';
import type { Acceptance } from '../../lib/facts/acceptance';
import { isPhase, LAST_PHASE, PHASE_NUMBERS } from '../../lib/facts/phase-numbers';
import { type CustomResourceRequest, deadlineOf, type LambdaContext, respond } from '../custom-resource/request';
import { readState, recordCommand, writeState } from './state-record';

export type GateEvent = CustomResourceRequest<GateProperties>;

export interface GateProperties {
  readonly Environment: string;
  readonly Phase: string;
  readonly From?: string;
  readonly Force?: string;
  /** Functions that have a database of their own. */
  readonly Functions?: readonly string[];
  /** Removals that the verdict lets through. The gate does not judge by them. */
  readonly Accepted?: readonly Acceptance[];
}

/** A state, and since when it is recorded to stand: ISO 8601. */
type KnownState = ClimbState & { readonly since?: string };

/** One identity for ever: CloudFormation must never think that the gate was replaced. */
const PHYSICAL_ID = 'beamstalk-phase-gate';

/** Answers CloudFormation in every case: no answer holds a deployment up until the resource's own time-out. */
export async function handler(event: GateEvent, context: LambdaContext): Promise<void> {
  const answer = await answerInTime(event, deadlineOf(context));
  console.log(JSON.stringify({ request: event.RequestId, type: event.RequestType, answer }));
  await respond(event, {
    Status: answer.allowed ? 'SUCCESS' : 'FAILED',
    Reason: answer.allowed ? 'the climb is safe' : `Beamstalk: ${answer.reason}. Run instead: ${answer.remedy}`,
    PhysicalResourceId: event.PhysicalResourceId ?? PHYSICAL_ID,
  });
}

/** Decides, and takes what goes wrong or takes too long for a refusal, which a later deployment can ask again. */
async function answerInTime(event: GateEvent, deadline: AbortSignal): Promise<GateAnswer> {
  try {
    return await decide(event, deadline);
  } catch (error) {
    const cause = deadline.aborted ? 'AWS did not answer in time' : String(error);
    return { allowed: false, reason: `the gate could not read what it needs: ${cause}`, remedy: 'deploy again' };
  }
}

async function decide(event: GateEvent, abortSignal: AbortSignal): Promise<GateAnswer> {
  const { RequestType, ResourceProperties } = event;
  if (RequestType === 'Delete') return { allowed: true };

  const { Environment: environment, Force: force } = ResourceProperties;
  const after = stateOf(ResourceProperties);
  const ssm = new SSMClient({});
  const before = await stateBefore(event, ssm, abortSignal);
  if (before === 'not recorded') return unknownState(environment);
  if (before === undefined) return letThrough(ssm, environment, after, abortSignal);

  const known = await orRollback(migrations(ssm, event, before, abortSignal), event, abortSignal);
  if (known === 'rollback') return { allowed: true };
  const answer = judge({ environment, before, after, ...known, force }, PHASES);
  if (!answer.allowed) {
    // What CloudFormation takes back looks like a descent, and must never be held up.
    return (await isRollback(event.StackId, abortSignal)) ? letThrough(ssm, environment, after, abortSignal) : answer;
  }
  if (answer.forced !== undefined) await leaveTrace(ssm, event, answer.forced, abortSignal);
  await writeState(ssm, environment, after, abortSignal);
  return answer;
}

/**
 * The state that a deployment finds. A gate that is created where the network of its environment stands already was
 * deleted before: the environment is as far as the gate's last record says. `undefined`: the environment is new.
 */
async function stateBefore(
  { RequestType, ResourceProperties, OldResourceProperties }: GateEvent,
  ssm: SSMClient,
  abortSignal: AbortSignal,
): Promise<KnownState | undefined | 'not recorded'> {
  const { Environment: environment } = ResourceProperties;
  if (RequestType === 'Update' && OldResourceProperties !== undefined) {
    const state = stateOf(OldResourceProperties);
    const record = await readState(ssm, environment, abortSignal).catch(() => undefined);
    // A record of another state says nothing of this one: it is from a time before records were kept.
    const since = record?.phase === state.phase && record.from === state.from ? record.at : '';
    return { ...state, ...(since !== '' && { since }) };
  }
  if ((await stackOf(`${environment}-network`, abortSignal)) === undefined) return undefined;
  const record = await readState(ssm, environment, abortSignal);
  if (record === undefined) return 'not recorded';
  const { phase, from, at } = record;
  return { phase, ...(from !== undefined && { from }), ...(at !== '' && { since: at }) };
}

function unknownState(environment: string): GateAnswer {
  return {
    allowed: false,
    reason: `the gate of ${environment} was deleted while the environment stands, and how far it is is not recorded`,
    remedy: recordCommand(environment),
  };
}

async function letThrough(
  ssm: SSMClient,
  environment: string,
  after: ClimbState,
  abortSignal: AbortSignal,
): Promise<GateAnswer> {
  await writeState(ssm, environment, after, abortSignal).catch((error: unknown) => {
    // Taking back must not fail for a record; the next deployment writes it.
    console.log(JSON.stringify({ notRecorded: String(error) }));
  });
  return { allowed: true };
}

/** A forced step leaves a parameter of its own, which no later one overwrites. */
async function leaveTrace(ssm: SSMClient, event: GateEvent, climb: string, abortSignal: AbortSignal): Promise<void> {
  const at = new Date().toISOString();
  const { Environment } = event.ResourceProperties;
  const Name = `/beamstalk/${Environment}/climb/forced/${at.replace(/[^0-9TZ]/g, '')}`;
  const Value = JSON.stringify({ climb, at, stack: event.StackId });
  await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }), { abortSignal });
}

/** Records that cannot be read are no reason to hold up what is being taken back. */
async function orRollback<T>(reading: Promise<T>, event: GateEvent, abortSignal: AbortSignal): Promise<T | 'rollback'> {
  try {
    return await reading;
  } catch (error) {
    if (await isRollback(event.StackId, abortSignal)) return 'rollback';
    throw error;
  }
}

/** @throws Error when a property is not a phase: what cannot be read is not let through. */
function stateOf({ Phase, From }: GateProperties): ClimbState {
  if (![Phase, From ?? '0'].every(isPhase)) {
    throw new Error(
      `expected phases from ${PHASE_NUMBERS[0]} to ${LAST_PHASE}, got Phase ${Phase} and From ${From ?? 'none'}`,
    );
  }
  return { phase: Number(Phase), ...(From !== undefined && { from: Number(From) }) };
}

async function isRollback(stackId: string, abortSignal: AbortSignal): Promise<boolean> {
  const { StackStatus = '' } = (await stackOf(stackId, abortSignal)) ?? {};
  return StackStatus.includes('ROLLBACK');
}

/** The stack, or nothing when there is none of that name or id. */
async function stackOf(name: string, abortSignal: AbortSignal): Promise<Stack | undefined> {
  const command = new DescribeStacksCommand({ StackName: name });
  try {
    const { Stacks = [] } = await new CloudFormationClient({}).send(command, { abortSignal });
    return Stacks[0];
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist')) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Migrations as they are recorded in the life of this environment, and as nodes are told of them. What was recorded before
 * this environment was created, or before the expansion that it verifies, belongs to another one.
 */
async function migrations(
  ssm: SSMClient,
  event: GateEvent,
  before: KnownState,
  abortSignal: AbortSignal,
): Promise<Verifications> {
  const { ResourceProperties, OldResourceProperties } = event;
  const { Environment: environment } = ResourceProperties;
  // Whoever is in neither has nothing to move; whoever is in one of them may have data in either place.
  const functions = [...new Set([ResourceProperties, OldResourceProperties].flatMap((one) => one?.Functions ?? []))];
  const Path = verificationParameter(environment, '').replace(/\/$/, '');
  const records: VerificationRecord[] = [];
  const pages = paginateGetParametersByPath({ client: ssm }, { Path, Recursive: true }, { abortSignal });
  for await (const { Parameters = [] } of pages) {
    for (const { Name = '', Value: value = '', LastModifiedDate: modified } of Parameters) {
      records.push({ name: Name.slice(Path.length + 1), value, modified });
    }
  }
  const born = await birthOf(event, abortSignal);
  const begun = before.from === undefined || before.since === undefined ? born : new Date(before.since);
  const since = born === undefined || begun === undefined || begun < born ? born : begun;
  const parameters = await read(ssm, environment, parametersOf(PHASES, functions), abortSignal);
  const writers = await writersOf(ssm, environment, writtenOf({ phases: PHASES, functions, records }), abortSignal);
  const told = { environment, functions, records, parameters, writers };
  return verificationsOf({ ...told, phases: PHASES, since, now: new Date() });
}

/** ARNs of who wrote parameters last, by their names below the environment; what is not there is left out. */
async function writersOf(
  ssm: SSMClient,
  environment: string,
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of names) {
    const pages = paginateGetParameterHistory(
      { client: ssm },
      { Name: `/beamstalk/${environment}/${name}` },
      { abortSignal },
    );
    let latest = 0;
    try {
      for await (const { Parameters = [] } of pages) {
        for (const { Version = 0, LastModifiedUser } of Parameters) {
          if (Version <= latest) continue;
          latest = Version;
          // Writers of versions before vouch for nothing.
          if (LastModifiedUser === undefined) found.delete(name);
          else found.set(name, LastModifiedUser);
        }
      }
    } catch (error) {
      if (!(error instanceof ParameterNotFound)) throw error;
    }
  }
  return found;
}

/** Parameters that one call takes. Source: API reference of GetParameters (2026-11-30) */
const NAMES_AT_ONCE = 10;

/** Values of parameters by their names below the environment; what is not there is left out. */
async function read(
  ssm: SSMClient,
  environment: string,
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const root = `/beamstalk/${environment}/`;
  const found = new Map<string, string>();
  for (let first = 0; first < names.length; first += NAMES_AT_ONCE) {
    const Names = names.slice(first, first + NAMES_AT_ONCE).map((name) => `${root}${name}`);
    const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names }), { abortSignal });
    for (const { Name = '', Value = '' } of Parameters) found.set(Name.slice(root.length), Value);
  }
  return found;
}

/** When the environment began: its network is never deleted while it lives, its gate may have been. */
async function birthOf(event: GateEvent, abortSignal: AbortSignal): Promise<Date | undefined> {
  const network = await stackOf(`${event.ResourceProperties.Environment}-network`, abortSignal);
  return (network ?? (await stackOf(event.StackId, abortSignal)))?.CreationTime;
}
