import { RedshiftClient } from '@aws-sdk/client-redshift';
import {
  type CustomResourceAnswer,
  type CustomResourceRequest,
  deadlineOf,
  type LambdaContext,
  respond,
} from '../custom-resource/request';
import { create, describe, type Feed, remove } from './integration';
import { integrationName } from './integration-name';
import { OutOfTimeError } from './until-done';

export type FeedRequest = CustomResourceRequest<FeedProperties>;

export interface FeedProperties {
  /** What people know the feed by; the name of the integration begins with it. */
  readonly Label: string;
  readonly SourceArn: string;
  readonly TargetArn: string;
  readonly Description: string;
}

/** Answers CloudFormation in every case: no answer holds a deployment up until the resource's own time-out. */
export async function handler(request: FeedRequest, context: LambdaContext): Promise<void> {
  const answer = await answerInTime(request, deadlineOf(context));
  console.log(JSON.stringify({ request: request.RequestId, type: request.RequestType, answer }));
  await respond(request, answer);
}

async function answerInTime(request: FeedRequest, deadline: AbortSignal): Promise<CustomResourceAnswer> {
  const feed = feedOf(request);
  try {
    const PhysicalResourceId = await carryOut(request, feed, deadline);
    return { Status: 'SUCCESS', Reason: 'as asked', PhysicalResourceId };
  } catch (error) {
    const cause =
      error instanceof OutOfTimeError
        ? `time ran out (${error.message}). Deploy again once no other integration of the warehouse is at work`
        : String(error);
    const Reason = `Beamstalk: could not ${request.RequestType.toLowerCase()} the zero-ETL feed ${feed.name}: ${cause}`;
    // By its name, what may have come of it is found again when CloudFormation clears up.
    return { Status: 'FAILED', Reason, PhysicalResourceId: request.PhysicalResourceId ?? feed.name };
  }
}

/** @returns the physical id: the ARN of the integration. */
async function carryOut(request: FeedRequest, feed: Feed, deadline: AbortSignal): Promise<string> {
  const { RequestType, PhysicalResourceId: id = feed.name, OldResourceProperties: old } = request;
  const client = new RedshiftClient({});
  if (RequestType === 'Delete') {
    // By its name too: the answer that would have told its ARN may have been lost.
    await remove(
      client,
      ({ IntegrationArn: arn, IntegrationName: name }) => arn === id || name === feed.name,
      deadline,
    );
    return id;
  }
  const same = old?.SourceArn === feed.sourceArn && old.TargetArn === feed.targetArn;
  if (RequestType === 'Update' && same && (await describe(client, id, feed, deadline))) return id;
  return create(client, feed, deadline);
}

function feedOf({ LogicalResourceId, ResourceProperties }: FeedRequest): Feed {
  const { Label, SourceArn, TargetArn, Description } = ResourceProperties;
  return {
    name: integrationName(Label, LogicalResourceId, SourceArn, TargetArn),
    sourceArn: SourceArn,
    targetArn: TargetArn,
    description: Description,
  };
}
