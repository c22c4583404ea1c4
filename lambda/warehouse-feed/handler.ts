import { type Integration, RedshiftClient } from '@aws-sdk/client-redshift';
import { type CustomResourceAnswer, deadlineOf, type LambdaContext, respond } from '../custom-resource/request';
import { create, describe, type Feed, remove } from './integration';
import { integrationName } from './integration-name';
import { endOf, HANDOVER_MILLISECONDS, handOn, type LongRequest, progressOf } from './next-invocation';
import { OutOfTimeError } from './until-done';

/** Request whose properties the handler checks: an older template, or a foreign one, may have sent it. */
export type FeedRequest = LongRequest<Partial<FeedProperties>>;

export interface FeedProperties {
  /** Name of the feed for people; the name of the integration begins with it. */
  readonly Label: string;
  readonly SourceArn: string;
  readonly TargetArn: string;
  readonly Description: string;
}

export interface FeedContext extends LambdaContext {
  readonly functionName: string;
}

/**
 * Answers CloudFormation in every case, or hands the request on to an invocation that will: no answer holds a deployment
 * up until the resource's own time-out.
 */
export async function handler(request: FeedRequest, context: FeedContext): Promise<void> {
  const answer = await answerInTime(request, context);
  console.log(JSON.stringify({ request: request.RequestId, type: request.RequestType, answer: answer ?? 'later' }));
  if (answer !== undefined) await respond(request, answer);
}

/**
 * Copying a large table takes longer than a request may: then it is left to itself, once Redshift has taken it. To fail it
 * would take the whole warehouse back, and no later attempt would have more time.
 *
 * @returns undefined when the next invocation will answer.
 */
async function answerInTime(request: FeedRequest, context: FeedContext): Promise<CustomResourceAnswer | undefined> {
  const progress = progressOf(request);
  const deadline = AbortSignal.any([deadlineOf(context, HANDOVER_MILLISECONDS), endOf(progress)]);
  try {
    return done(await carryOut(request, progress.taken, deadline));
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) return failed(request, String(error));
    const { taken, message } = error;
    if (await handOn(request, progress, taken, context.functionName)) return undefined;
    if (taken === undefined) return failed(request, `time ran out (${message})${remedyFor(request)}`);
    console.log(JSON.stringify({ stillCreating: taken }));
    return done(taken);
  }
}

function done(PhysicalResourceId: string): CustomResourceAnswer {
  return { Status: 'SUCCESS', Reason: 'as asked', PhysicalResourceId };
}

function failed(request: FeedRequest, cause: string): CustomResourceAnswer {
  const name = feedOf(request)?.name ?? request.LogicalResourceId;
  const Reason = `Beamstalk: could not ${request.RequestType.toLowerCase()} the zero-ETL feed ${name}: ${cause}`;
  // By its name, what may have come of it is found again when CloudFormation clears up.
  return { Status: 'FAILED', Reason, PhysicalResourceId: request.PhysicalResourceId ?? name };
}

function remedyFor({ RequestType }: FeedRequest): string {
  return RequestType === 'Delete' ? '' : '. Deploy again once no other integration of the warehouse is at work';
}

/**
 * @param taken the ARN of what an earlier invocation for this request has seen in the making.
 * @returns the physical id: the ARN of the integration.
 */
async function carryOut(request: FeedRequest, taken: string | undefined, deadline: AbortSignal): Promise<string> {
  const { RequestType, LogicalResourceId, PhysicalResourceId: id = LogicalResourceId } = request;
  const { ResourceProperties: properties, OldResourceProperties: old } = request;
  const client = new RedshiftClient({});
  const feed = feedOf(request);
  if (RequestType === 'Delete') {
    // By its name only when the answer that tells its ARN failed or was lost: what was removed by hand and made again bears
    // the name of the one before it. What has neither was never made.
    const isIt = ({ IntegrationArn: arn, IntegrationName: name }: Integration): boolean =>
      id.startsWith('arn:') ? arn === id : name === feed?.name;
    if (id.startsWith('arn:') || feed !== undefined) await remove(client, isIt, deadline);
    return id;
  }
  if (feed === undefined) {
    const received = Object.keys(properties).join(', ') || 'none';
    throw new Error(`expected the properties Label, SourceArn and TargetArn, got ${received}`);
  }
  const same = old?.SourceArn === feed.sourceArn && old.TargetArn === feed.targetArn;
  // An integration that an earlier invocation has begun to create is no longer looked up by its description.
  if (RequestType === 'Update' && same && taken === undefined && (await describe(client, id, feed, deadline)))
    return id;
  return create(client, feed, taken, deadline);
}

/** @returns undefined when a property is missing. */
function feedOf({ LogicalResourceId, ResourceProperties }: FeedRequest): Feed | undefined {
  const { Label, SourceArn, TargetArn, Description = '' } = ResourceProperties;
  if (Label === undefined || SourceArn === undefined || TargetArn === undefined) return undefined;
  return {
    name: integrationName(Label, LogicalResourceId, SourceArn, TargetArn),
    sourceArn: SourceArn,
    targetArn: TargetArn,
    description: Description,
  };
}
