import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Change, type Feed, nameOf, type Row, rowsOf } from './model';
import { ModelTables, TakenError } from './model-tables';
import { changeOf, type StreamRecord } from './stream-record';

export interface StreamEvent {
  readonly Records: readonly StreamRecord[];
}

/** Where the stream is read again from: the first of these. */
export interface StreamAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** Kept for the answer: a batch that runs into the time-out is read again as a whole. */
const ANSWER_MILLISECONDS = 1500;

const { source, models } = JSON.parse(required('FEED')) as Feed;
const logger = new Logger();
const tables = new ModelTables(new DynamoDBClient({}), source);

/**
 * Writes each change into the models. Changes of one item, or of one row, are applied in order, the others side by side.
 * What comes after a failure on the same item waits for it; another item in the same row does not, for a stream gives the
 * changes of several items in any order. The stream is read again from the first failure on, and what was applied by then
 * is recognised by its version.
 */
export async function handler(event: StreamEvent, context: LambdaContext): Promise<StreamAnswer> {
  const remaining = Math.max(context.getRemainingTimeInMillis(), 0);
  const signal = AbortSignal.timeout(Math.floor(remaining - Math.min(ANSWER_MILLISECONDS, remaining / 10)));
  const last = new Map<string, Promise<boolean>>();
  const applied = await Promise.all(
    event.Records.map((record) => {
      const change = changeOf(record);
      const rows = models.flatMap((model) => rowsOf(model, change, Math.floor(Date.now() / 1000)));
      const queues = [nameOf(change.key), ...rows.map(({ place }) => place)];
      const done = Promise.all(queues.map((queue) => last.get(queue))).then(
        ([itemIsWell = true]) => itemIsWell && apply(rows, change, signal),
      );
      for (const queue of queues) last.set(queue, done);
      return done;
    }),
  );
  const failed = event.Records.filter((_, index) => !applied[index]);
  logger.info('applied', { records: event.Records.length, failed: failed.length });
  return { batchItemFailures: failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })) };
}

/** Whether it succeeded. */
async function apply(rows: readonly Row[], change: Change, signal: AbortSignal): Promise<boolean> {
  let well = true;
  for (const row of rows) {
    try {
      signal.throwIfAborted();
      // Where it is now before where it was: readers find it twice for a moment rather than not at all.
      await tables.write(row, change, signal);
    } catch (error) {
      well = false;
      // Without the message of AWS, which may hold parts of the item.
      logger.error('change not applied', {
        version: change.version,
        error: error instanceof Error ? error.name : typeof error,
        ...(error instanceof TakenError && { reason: error.message }),
      });
      // What can never be written where it is now is no longer where it was all the same, nor in other models.
      if (!isForGood(error)) break;
    }
  }
  return well;
}

/** Whether trying again, with nothing else changed, would fail again. */
function isForGood(error: unknown): boolean {
  return error instanceof TakenError || (error instanceof Error && error.name === 'ValidationException');
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the function has no variable ${name}`);
  return value;
}
