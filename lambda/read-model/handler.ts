import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { FailureQueue, type GivenUp, isForGood, mayHeal, nameOfError } from './given-up';
import { type Feed, modelsOf, nameOf, type Row, rowsOf } from './model';
import { ModelTables, TakenError } from './model-tables';
import { changeOf, type StreamRecord } from './stream-record';

export interface StreamEvent {
  readonly Records: readonly StreamRecord[];
}

/** Answer to Lambda: the stream is read again from the first of these. */
export interface StreamAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** Kept for the answer: a batch that runs into the time-out is read again as a whole. */
const ANSWER_MILLISECONDS = 1500;

const told = JSON.parse(required('FEED')) as Feed;
const { source } = told;
const models = modelsOf(told);
const logger = new Logger();
const tables = new ModelTables(new DynamoDBClient({}), source);
const failures = new FailureQueue(new SQSClient({}), required('FAILURES'));

/**
 * Writes each change into the models. Changes of one item, or of one row, are applied in order, the others side by side.
 * Changes after a failure on the same item wait for it; another item in the same row does not, for a stream gives the
 * changes of several items in any order. The stream is read again from the first failure on, and what was applied by then
 * is recognised by its version.
 *
 * A change that can never be applied is told to the failure queue and counts as applied: tried again, it would only hold
 * up the others. What comes after a failure is told when it comes again, so that a long failure does not fill the queue.
 */
export async function handler(event: StreamEvent, context: LambdaContext): Promise<StreamAnswer> {
  const remaining = Math.max(context.getRemainingTimeInMillis(), 0);
  const signal = AbortSignal.timeout(Math.floor(remaining - Math.min(ANSWER_MILLISECONDS, remaining / 10)));
  const last = new Map<string, Promise<Outcome>>();
  const outcomes = await Promise.all(
    event.Records.map((record) => {
      const change = changeOf(record);
      const rows = models.flatMap((model) => rowsOf(model, change, Math.floor(Date.now() / 1000)));
      const queues = [nameOf(change.key), ...rows.map(({ place }) => place)];
      const done = Promise.all(queues.map((queue) => last.get(queue))).then(([ofItem]) =>
        ofItem === 'failed' ? ofItem : apply(rows, record, signal),
      );
      for (const queue of queues) last.set(queue, done);
      return done;
    }),
  );
  const firstFailure = outcomes.indexOf('failed');
  const settled = firstFailure < 0 ? outcomes : outcomes.slice(0, firstFailure);
  const heard = await Promise.all(settled.map((outcome) => outcome === 'failed' || tell(outcome, signal)));
  const failed = event.Records.filter((_, index) => outcomes[index] === 'failed' || heard[index] === false);
  logger.info('applied', { records: event.Records.length, failed: failed.length });
  return { batchItemFailures: failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })) };
}

/** Of one change: that it has to come again, or what of it is given up, which is mostly nothing. */
type Outcome = 'failed' | readonly GivenUp[];

async function apply(rows: readonly Row[], record: StreamRecord, signal: AbortSignal): Promise<Outcome> {
  const change = changeOf(record);
  const givenUp: GivenUp[] = [];
  let waits = false;
  for (const row of rows) {
    try {
      signal.throwIfAborted();
      // The new row is written before the old one goes: readers find it twice for a moment rather than not at all.
      await tables.write(row, change, signal);
    } catch (error) {
      const failure: GivenUp = {
        table: source,
        key: record.dynamodb.Keys,
        model: row.model.table,
        version: change.version,
        error: nameOfError(error),
      };
      logger.error('change not applied', {
        ...failure,
        ...(error instanceof TakenError && { reason: error.message }),
      });
      // An item that can never be written to its new row leaves its old one all the same, and other models.
      if (!isForGood(error)) return 'failed';
      waits ||= mayHeal(error, record, Date.now());
      givenUp.push(failure);
    }
  }
  return waits ? 'failed' : givenUp;
}

/** Sends them to the queue. @returns true when it has them all. */
async function tell(givenUp: readonly GivenUp[], signal: AbortSignal): Promise<boolean> {
  try {
    await Promise.all(givenUp.map((change) => failures.send(change, signal)));
  } catch (error) {
    logger.error('failure queue not told', { error: nameOfError(error) });
    return false;
  }
  for (const change of givenUp) logger.error('change given up', { ...change });
  return true;
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the function has no variable ${name}`);
  return value;
}
