import { setTimeout } from 'node:timers/promises';

/** Request of CloudFormation, which writes every property as text. */
export interface CustomResourceRequest<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
  readonly OldResourceProperties?: Properties;
}

export interface CustomResourceAnswer {
  readonly Status: 'SUCCESS' | 'FAILED';
  /** Message for the user when it failed. */
  readonly Reason: string;
  /** Another one than before says that the resource was replaced: CloudFormation then deletes the old. */
  readonly PhysicalResourceId: string;
}

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** Kept for the answer itself when AWS does not answer in time: all attempts, with what is between them. */
const ANSWER_MILLISECONDS = 5000;
const ATTEMPTS = 3;
/** Of one attempt: an address that hangs must leave time for the next. */
const ATTEMPT_MILLISECONDS = 1500;
const PAUSE_MILLISECONDS = 200;

/**
 * Aborts while there is still time for an answer.
 *
 * @param reserved what else has to be done before the function ends, milliseconds.
 */
export function deadlineOf(context: LambdaContext, reserved = 0): AbortSignal {
  return AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - ANSWER_MILLISECONDS - reserved, 0));
}

/** CloudFormation reads the answer from a signed address; a lost answer is sent again. */
export async function respond(request: CustomResourceRequest<unknown>, answer: CustomResourceAnswer): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = request;
  const body = JSON.stringify({ ...answer, StackId, RequestId, LogicalResourceId });
  for (let attempt = 1; ; attempt++) {
    try {
      const { ok, status } = await fetch(request.ResponseURL, {
        method: 'PUT',
        body,
        headers: { 'content-type': '' },
        signal: AbortSignal.timeout(ATTEMPT_MILLISECONDS),
      });
      if (ok) return;
      throw new Error(`CloudFormation's answer box returned ${status}`);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
    await setTimeout(PAUSE_MILLISECONDS);
  }
}
