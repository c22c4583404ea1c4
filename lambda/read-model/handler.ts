import { Logger } from '@aws-lambda-powertools/logger';
import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ADDED, type Change, type ReadModel, type Row, rowsOf } from './model';
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

const models = JSON.parse(required('MODELS')) as readonly ReadModel[];
const logger = new Logger();
const dynamoDb = new DynamoDBClient({});

/**
 * Writes each change into the models. Changes of one item, or of one row, are applied in order, the others side by side;
 * what comes after a failure in that order waits for it. The stream is read again from the first failure on, and what was
 * applied by then is recognised by its version.
 */
export async function handler(event: StreamEvent, context: LambdaContext): Promise<StreamAnswer> {
  const remaining = Math.max(context.getRemainingTimeInMillis(), 0);
  const signal = AbortSignal.timeout(Math.floor(remaining - Math.min(ANSWER_MILLISECONDS, remaining / 10)));
  const last = new Map<string, Promise<boolean>>();
  const applied = await Promise.all(
    event.Records.map((record) => {
      const change = changeOf(record);
      const rows = models.flatMap((model) => rowsOf(model, change, Math.floor(Date.now() / 1000)));
      const queues = [change.item, ...rows.map(({ place }) => place)];
      const done = Promise.all(queues.map((queue) => last.get(queue) ?? true)).then(
        (before) => before.every((well) => well) && apply(rows, change, signal),
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
  try {
    signal.throwIfAborted();
    // Where it is now before where it was: readers find it twice for a moment rather than not at all.
    for (const row of rows) await write(row, change, signal);
    return true;
  } catch (error) {
    // Without the message of AWS, which may hold parts of the item.
    logger.error('change not applied', {
      version: change.version,
      error: error instanceof Error ? error.name : typeof error,
      ...(error instanceof TakenError && { reason: error.message }),
    });
    return false;
  }
}

/** Two items of the source have one key in a model. */
class TakenError extends Error {
  override readonly name = 'TakenError';
}

/**
 * Writes a row unless it holds a later change of the same item already.
 *
 * @throws TakenError when it holds another item, which did not leave it: either that item's change is still to come,
 *   or the model's key is not unique. Neither is overwritten in silence.
 */
async function write(
  { table, partitionKey, source, item }: Row,
  { version, seconds }: Change,
  signal: AbortSignal,
): Promise<void> {
  const removes = item[ADDED]?.M?.['removed'] !== undefined;
  const free = 'attribute_not_exists(#key)';
  const ownAndOlder = '(#added.#source = :source AND #added.#version < :version)';
  const leftByAnother = '(#added.#source <> :source AND attribute_exists(#added.#removed))';
  const command = new PutItemCommand({
    TableName: table,
    Item: { ...item },
    // A mark is never put in the place of another item's mark: that one is still needed.
    ConditionExpression: [free, ownAndOlder, ...(removes ? [] : [leftByAnother])].join(' OR '),
    ExpressionAttributeNames: {
      '#key': partitionKey,
      '#added': ADDED,
      '#source': 'source',
      '#version': 'version',
      ...(!removes && { '#removed': 'removed' }),
    },
    ExpressionAttributeValues: { ':source': { S: source }, ':version': { S: version } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await dynamoDb.send(command, { abortSignal: signal });
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const holder = error.Item?.[ADDED]?.M;
    // Later already, or left by an item that somebody else has followed.
    if (removes || holder?.['source']?.S === source) return;
    // An old change that comes again after another item has taken the row.
    if (seconds < Number(holder?.['seconds']?.N ?? 0)) return;
    throw new TakenError(`the row in ${table} belongs to another item: is the key of this model unique?`);
  }
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the function has no variable ${name}`);
  return value;
}
