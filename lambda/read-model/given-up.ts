import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { TakenError } from './model-tables';
import type { StreamRecord } from './stream-record';

/** A change that a model will never have: the message of the failure queue, and the line of the log. */
export interface GivenUp {
  /** Name of the table that the model is fed from. */
  readonly table: string;
  /** The item's key there, as the CLI writes it: binary values are base64. */
  readonly key: StreamRecord['dynamodb']['Keys'];
  /** Name of the model's table. */
  readonly model: string;
  readonly version: string;
  readonly error: string;
}

/**
 * Two items that have one key may part by a change that follows at once. So long, counted from the change, the second is
 * tried again. Assumed.
 */
const GRACE_MILLISECONDS = 2 * 60_000;

/** True when another try, with nothing else changed, would fail again. */
export function isForGood(error: unknown): boolean {
  return error instanceof TakenError || (error instanceof Error && error.name === 'ValidationException');
}

/**
 * True when a lasting failure may still heal by a change of another item.
 *
 * @param now Milliseconds since 1970.
 */
export function mayHeal(error: unknown, { dynamodb }: StreamRecord, now: number): boolean {
  const made = (dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
  return error instanceof TakenError && now - made < GRACE_MILLISECONDS;
}

/** The name of an error. Not the message of AWS, which may hold parts of the item. */
export function nameOfError(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Queue of the changes that are given up. */
export class FailureQueue {
  constructor(
    private readonly sqs: SQSClient,
    private readonly url: string,
  ) {}

  async send(change: GivenUp, signal: AbortSignal): Promise<void> {
    const command = new SendMessageCommand({ QueueUrl: this.url, MessageBody: bodyOf(change) });
    await this.sqs.send(command, { abortSignal: signal });
  }
}

/**
 * JSON, with the two characters escaped that a key may hold and a message may not; all others JSON escapes itself.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (2026-11-21)
 */
function bodyOf(change: GivenUp): string {
  return JSON.stringify(change).replace(/[\uFFFE\uFFFF]/g, (it) => `\\u${it.charCodeAt(0).toString(16)}`);
}
