import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { type Parameter, PutParameterCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { PHASES } from '../../lib/architecture/phases/list';
import { type ClimbState, type GateAnswer, judge, verificationParameter } from '../../lib/climb/gate-rules';
import { isPhase, LAST_PHASE, PHASE_NUMBERS } from '../../lib/facts/phase-numbers';
import { type CustomResourceRequest, deadlineOf, type LambdaContext, respond } from '../custom-resource/request';

export type GateEvent = CustomResourceRequest<GateProperties>;

export interface GateProperties {
  readonly Environment: string;
  readonly Phase: string;
  readonly From?: string;
  readonly Force?: string;
}

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
  const { RequestType, ResourceProperties, OldResourceProperties } = event;
  if (RequestType !== 'Update' || OldResourceProperties === undefined) return { allowed: true };

  const { Environment: environment, Force: force } = ResourceProperties;
  const before = stateOf(OldResourceProperties);
  const after = stateOf(ResourceProperties);
  const ssm = new SSMClient({});
  const verified = await orRollback(verifiedClimbs(ssm, event, abortSignal), event, abortSignal);
  if (verified === 'rollback') return { allowed: true };
  const answer = judge({ environment, before, after, verified, force }, PHASES);
  // What CloudFormation takes back looks like a descent, and must never be held up.
  if (!answer.allowed && (await isRollback(event.StackId, abortSignal))) return { allowed: true };
  if (answer.allowed && answer.forced !== undefined) {
    const Value = JSON.stringify({ climb: answer.forced, at: new Date().toISOString(), stack: event.StackId });
    const trace = { Name: `/beamstalk/${environment}/climb/forced`, Value, Type: 'String', Overwrite: true } as const;
    await ssm.send(new PutParameterCommand(trace), { abortSignal });
  }
  return answer;
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

async function stackOf(stackId: string, abortSignal: AbortSignal): Promise<Stack | undefined> {
  const command = new DescribeStacksCommand({ StackName: stackId });
  const { Stacks = [] } = await new CloudFormationClient({}).send(command, { abortSignal });
  return Stacks[0];
}

/**
 * The climbs whose migration is recorded as verified in the life of this environment. Parameters outlive stacks: what
 * was recorded before this stack was created belongs to an environment of the same name that is gone.
 */
async function verifiedClimbs(ssm: SSMClient, event: GateEvent, abortSignal: AbortSignal): Promise<string[]> {
  const Path = verificationParameter(event.ResourceProperties.Environment, '').replace(/\/$/, '');
  const records: Parameter[] = [];
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path }, { abortSignal })) {
    records.push(...(page.Parameters ?? []));
  }
  if (records.length === 0) return [];
  const born = (await stackOf(event.StackId, abortSignal))?.CreationTime;
  return records
    .filter(({ LastModifiedDate }) => born !== undefined && LastModifiedDate !== undefined && LastModifiedDate >= born)
    .map(({ Name = '' }) => Name.slice(Path.length + 1));
}
