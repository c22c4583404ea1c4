/** What CloudFormation hands over; it writes every property as text. */
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
  /** What the user reads when it failed. */
  readonly Reason: string;
  /** Another one than before says that the resource was replaced: CloudFormation then deletes the old. */
  readonly PhysicalResourceId: string;
}

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** Kept for the answer itself when AWS does not answer in time. */
const ANSWER_MILLISECONDS = 5000;

/** Aborts while there is still time for an answer. */
export function deadlineOf(context: LambdaContext): AbortSignal {
  return AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - ANSWER_MILLISECONDS, 0));
}

/** CloudFormation reads the answer from a signed address; a lost answer is sent again. */
export async function respond(request: CustomResourceRequest<unknown>, answer: CustomResourceAnswer): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = request;
  const body = JSON.stringify({ ...answer, StackId, RequestId, LogicalResourceId });
  for (let attempt = 1; ; attempt++) {
    try {
      const { ok, status } = await fetch(request.ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
      if (ok) return;
      throw new Error(`CloudFormation's answer box returned ${status}`);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}
