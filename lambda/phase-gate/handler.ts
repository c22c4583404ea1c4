import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { type Parameter, PutParameterCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { PHASES } from '../../lib/architecture/phases/list';
import { type ClimbState, type GateAnswer, judge, verificationParameter } from '../../lib/climb/gate-rules';
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

  const verified = await orRollback(verifiedClimbs(ssm, event, before, abortSignal), event, abortSignal);
  if (verified === 'rollback') return { allowed: true };
  const answer = judge({ environment, before, after, verified, force }, PHASES);
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
 * The climbs whose migration is recorded as verified in the life of this environment. Parameters outlive stacks: what
 * was recorded before this environment was created, or before the expansion that it verifies, belongs to another one,
 * also when an old value was put there anew; and what holds no time was not written by the command that records a
 * verification. The value is cut off at seconds, and the clock of whoever records may be behind.
 */
async function verifiedClimbs(
  ssm: SSMClient,
  event: GateEvent,
  before: KnownState,
  abortSignal: AbortSignal,
): Promise<string[]> {
  const Path = verificationParameter(event.ResourceProperties.Environment, '').replace(/\/$/, '');
  const records: Parameter[] = [];
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path }, { abortSignal })) {
    records.push(...(page.Parameters ?? []));
  }
  if (records.length === 0) return [];
  const born = await birthOf(event, abortSignal);
  const begun = before.from === undefined || before.since === undefined ? born : new Date(before.since);
  return records
    .filter(({ LastModifiedDate, Value = '' }) => {
      const since = born === undefined || begun === undefined || begun < born ? born : begun;
      if (since === undefined || LastModifiedDate === undefined || LastModifiedDate < since) return false;
      if (!ISO_TIME.test(Value)) return false;
      const verified = Date.parse(Value);
      return verified >= since.getTime() - CLOCK_SKEW && verified <= Date.now() + CLOCK_SKEW;
    })
    .map(({ Name = '' }) => Name.slice(Path.length + 1));
}

/** As `date -u +%FT%TZ` writes it, with fractions of a second allowed. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** Milliseconds by which the clock of whoever records may be ahead or behind. */
const CLOCK_SKEW = 5 * 60_000;

/** When the environment began: its network is never deleted while it lives, its gate may have been. */
async function birthOf(event: GateEvent, abortSignal: AbortSignal): Promise<Date | undefined> {
  const network = await stackOf(`${event.ResourceProperties.Environment}-network`, abortSignal);
  return (network ?? (await stackOf(event.StackId, abortSignal)))?.CreationTime;
}
