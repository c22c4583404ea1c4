import { type CustomResourceRequest, deadlineOf, type LambdaContext, respond } from '../custom-resource/request';
import { type PreparationProperties, prepare } from './preparation';
import { type RotationEvent, rotate } from './rotation';

export type PreparationEvent = CustomResourceRequest<PreparationProperties>;

/**
 * Makes the roles that releases log in as, when CloudFormation asks, and changes their passwords, when Secrets Manager
 * does. A rotation's failure is an error of the function, which is what its alarm counts.
 */
export async function handler(event: PreparationEvent | RotationEvent, context: LambdaContext): Promise<void> {
  const deadline = deadlineOf(context);
  if ('Step' in event) {
    const { Step, SecretId, ClientRequestToken } = event;
    const [watchSeconds, settledSeconds] = [seconds('WATCH_SECONDS'), seconds('SETTLED_SECONDS')];
    await rotate(event, { watchSeconds, settledSeconds, deadline });
    console.log(JSON.stringify({ step: Step, secret: SecretId, version: ClientRequestToken }));
    return;
  }
  const answer = await prepareInTime(event, deadline);
  console.log(JSON.stringify({ request: event.RequestId, type: event.RequestType, ...answer }));
  await respond(event, { ...answer, PhysicalResourceId: event.PhysicalResourceId ?? event.RequestId });
}

/** Takes what goes wrong for a refusal: no answer would hold the deployment up until the resource's own time-out. */
async function prepareInTime(
  { RequestType, ResourceProperties }: PreparationEvent,
  deadline: AbortSignal,
): Promise<{ readonly Status: 'SUCCESS' | 'FAILED'; readonly Reason: string }> {
  // Roles stay with the database, which outlives its template.
  if (RequestType === 'Delete') return { Status: 'SUCCESS', Reason: 'the roles stay with the database' };
  try {
    return { Status: 'SUCCESS', Reason: await prepare(ResourceProperties, deadline) };
  } catch (error) {
    const cause = deadline.aborted ? `not done in time: ${String(error)}` : String(error);
    return { Status: 'FAILED', Reason: `Beamstalk: the roles of the database could not be made: ${cause}` };
  }
}

/** @throws Error when the function was deployed without this variable: no session would then be waited for. */
function seconds(variable: string): number {
  const value = process.env[variable];
  if (!value || !(Number(value) >= 0)) throw new Error(`expected seconds in ${variable}, got ${value ?? 'nothing'}`);
  return Number(value);
}
