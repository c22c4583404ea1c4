import {
  BatchProcessor,
  EventType,
  processPartialResponse,
  SqsFifoPartialProcessorAsync,
} from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { Deadline } from './deadline';
import { failureOf } from './failure';
import { type Job, type JobContext, JobError, parseJob } from './job';
import { JOBS } from './jobs/registry';

/** A message as the event source of a queue hands it over. */
export interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
  readonly eventSourceARN: string;
  readonly attributes: { readonly ApproximateReceiveCount: string; readonly MessageGroupId?: string };
}

export interface QueueEvent {
  readonly Records: readonly QueueRecord[];
}

/** Messages that the queue keeps; it deletes the others. */
export interface QueueAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Part of Lambda's context that the work needs. */
export interface WorkerContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** Kept for the answer, or a tenth of the time: a batch that runs into the time-out is delivered again as a whole. */
const ANSWER_MILLISECONDS = 1500;

/**
 * Done jobs stay known as long as a queue can keep a message: 14 days,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html (2026-11-21).
 */
const REMEMBER_SECONDS = 14 * 24 * 3600;

const queue = required('QUEUE');
const logger = new Logger({
  persistentLogAttributes: { queue, environment: required('ENVIRONMENT') },
});
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: required('IDEMPOTENCY_TABLE') });
const idempotency = new IdempotencyConfig({
  eventKeyJmesPath: '[kind, id]',
  // Another payload under the same name is a mistake of the sender, and must not pass for done.
  payloadValidationJmesPath: 'payload',
  throwOnNoIdempotencyKey: true,
  expiresAfterSeconds: REMEMBER_SECONDS,
});

/** Runs a job unless it is done already; fails when it is under way elsewhere, so that the queue delivers it again. */
const runOnce = makeIdempotent(run, {
  persistenceStore,
  config: idempotency,
  // Not the function's name, which changes when the function is replaced.
  keyPrefix: queue,
});

/**
 * Does the jobs of a batch and answers with those that failed. Jobs of a standard queue run side by side; those of a FIFO
 * queue one after the other, and what follows a failure in the same group is left for the next delivery.
 *
 * A batch whose jobs all fail is no failure of the function: its error metric means that the function itself is broken.
 */
export async function handler(event: QueueEvent, context: WorkerContext): Promise<QueueAnswer> {
  // A record of a job under way expires with the invocation, so that one that was cut off can be done again.
  idempotency.registerLambdaContext(context as Parameters<IdempotencyConfig['registerLambdaContext']>[0]);
  logger.appendKeys({ function_request_id: context.awsRequestId });
  const remaining = Math.max(context.getRemainingTimeInMillis(), 0);
  const deadline = new Deadline(Math.floor(remaining - Math.min(ANSWER_MILLISECONDS, remaining / 10)));
  try {
    return await handleAll(event, (record) => handle(record, deadline));
  } finally {
    deadline.clear();
  }
}

function handleAll(event: QueueEvent, work: (record: QueueRecord) => Promise<void>): Promise<QueueAnswer> {
  const batch = { Records: [...event.Records] };
  return event.Records.some(({ eventSourceARN }) => eventSourceARN.endsWith('.fifo'))
    ? processPartialResponse(batch, work, new SqsFifoPartialProcessorAsync(), {
        throwOnFullBatchFailure: false,
        skipGroupOnError: true,
      })
    : processPartialResponse(batch, work, new BatchProcessor(EventType.SQS), { throwOnFullBatchFailure: false });
}

async function handle({ body, messageId, attributes }: QueueRecord, deadline: Deadline): Promise<void> {
  const received = Number(attributes.ApproximateReceiveCount);
  let job: Job | undefined;
  try {
    job = parseJob(body);
    if (!JOBS.has(job.kind)) throw new JobError(`unknown kind: this worker knows ${[...JOBS.keys()].join(', ')}`);
    const { signal } = deadline;
    if (signal.aborted) throw new JobError('no time was left for it in this batch');
    await deadline.race(runOnce(job, { signal, id: job.id }));
    logger.info('job done', { messageId, kind: job.kind, id: job.id, received });
  } catch (error) {
    logger.error('job failed', { messageId, kind: job?.kind, id: job?.id, received, ...failureOf(error) });
    throw error;
  }
}

async function run({ kind, payload }: Job, context: JobContext): Promise<void> {
  await JOBS.get(kind)?.(payload, context);
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`the function has no variable ${name}`);
  return value;
}
