import { isRecord, JobError } from './job';

/** Fields of a failure in a log line. */
export interface Failure {
  readonly error: string;
  readonly reason?: string;
  readonly status?: number;
  readonly awsRequestId?: string;
  readonly cause?: Failure;
}

/**
 * A failure without what may hold parts of a payload: only our own messages are repeated. Those of AWS name addresses,
 * those of HTTP whole URLs; their request id finds them again.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof JobError) return { error: error.name, reason: error.message };
  if (!(error instanceof Error)) return { error: typeof error };
  const metadata = '$metadata' in error && isRecord(error.$metadata) ? error.$metadata : {};
  const { httpStatusCode, requestId } = metadata;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    error: error.name,
    ...(code !== undefined && { reason: code }),
    ...(typeof httpStatusCode === 'number' && { status: httpStatusCode }),
    ...(typeof requestId === 'string' && { awsRequestId: requestId }),
    ...(error.cause instanceof Error && { cause: failureOf(error.cause) }),
  };
}
