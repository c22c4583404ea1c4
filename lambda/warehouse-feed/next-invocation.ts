import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { CustomResourceRequest } from '../custom-resource/request';

/** Progress of a request that takes longer than a function may run. */
export interface Progress {
  /** Start of its first invocation, milliseconds since 1970. */
  readonly startedAt: number;
  /** Counted from 1. */
  readonly invocation: number;
  /** The ARN of what Redshift has taken, and is still at work on. */
  readonly taken?: string;
}

/** A request of CloudFormation, or the same as the function itself hands it on. */
export interface LongRequest<Properties> extends CustomResourceRequest<Properties> {
  readonly Progress?: Progress;
}

/** Time limit of a request from its first invocation on. */
export const REQUEST_MILLISECONDS = 55 * 60_000;

/**
 * So many invocations of 15 minutes have room in that time. Lambda itself stops a function that calls itself, after about
 * 16 invocations for one event.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html (2026-11-21)
 */
export const MOST_INVOCATIONS = 4;

/** Time reserved for calling the next invocation. */
export const HANDOVER_MILLISECONDS = 5000;

export function progressOf({ Progress }: LongRequest<unknown>): Progress {
  return Progress ?? { startedAt: Date.now(), invocation: 1 };
}

/** Aborts when the request has no time left, whatever is left to this invocation. */
export function endOf(progress: Progress): AbortSignal {
  return AbortSignal.timeout(Math.max(remainingOf(progress), 0));
}

/**
 * Hands a request on to the next invocation of this function.
 *
 * @param taken the ARN of what Redshift has taken, and is still at work on.
 * @returns false when this invocation has to answer: it was the last that the request may have, or the call failed.
 */
export async function handOn(
  request: LongRequest<unknown>,
  progress: Progress,
  taken: string | undefined,
  functionName: string,
): Promise<boolean> {
  const { startedAt, invocation } = progress;
  if (invocation >= MOST_INVOCATIONS || remainingOf(progress) <= 0) return false;
  const Progress: Progress = { startedAt, invocation: invocation + 1, ...(taken !== undefined && { taken }) };
  const Payload = JSON.stringify({ ...request, Progress });
  const command = new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload });
  try {
    await new LambdaClient({}).send(command, { abortSignal: AbortSignal.timeout(HANDOVER_MILLISECONDS) });
    return true;
  } catch (error) {
    console.log(JSON.stringify({ notHandedOn: String(error) }));
    return false;
  }
}

function remainingOf({ startedAt }: Progress): number {
  return startedAt + REQUEST_MILLISECONDS - Date.now();
}
