/**
 * Message of a queue: `{ "kind": "mail.send", "id": "welcome-17", "payload": { ... } }`.
 *
 * The id is the sender's name for this one piece of work: a second job of the same kind and id is the same job, and is
 * not done again. A job that comes by the clock needs one that differs each time: EventBridge Scheduler puts its own in
 * place of `<aws.scheduler.execution-id>`, https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 * (2026-11-21).
 */
export interface Job {
  readonly kind: string;
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Context of a job beside its payload. */
export interface JobContext {
  /** Aborted when the function has to come to an end. */
  readonly signal: AbortSignal;
  /** Name of the sender for this job. */
  readonly id: string;
}

/** Does the work, or throws: then the queue delivers the job again, and in the end to the dead-letter queue. */
export type JobFunction = (payload: Job['payload'], context: JobContext) => Promise<void>;

/** Why a job failed, in words that hold nothing of its payload: they are logged. */
export class JobError extends Error {
  override readonly name = 'JobError';
}

/**
 * An id becomes a header (`Idempotency-Key`), a key of a table and a word of a log line: printable ASCII, without spaces
 * at its ends, which HTTP would take away.
 */
const ID = /^(?! )[\x20-\x7e]{1,256}(?<! )$/;

/** @throws JobError when the body is not a job. */
export function parseJob(body: string): Job {
  const { kind, id, payload } = objectIn(body);
  if (typeof kind !== 'string' || kind === '') throw new JobError('the body has no kind: expected a text');
  if (typeof id !== 'string' || !ID.test(id)) {
    throw new JobError('the body has no id: expected a text of 1 to 256 printable ASCII characters');
  }
  if (!isRecord(payload)) throw new JobError('the body has no payload: expected an object');
  return { kind, id, payload };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectIn(body: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The parser's own message quotes the body.
  }
  if (!isRecord(value)) throw new JobError('the body is not a JSON object');
  return value;
}
