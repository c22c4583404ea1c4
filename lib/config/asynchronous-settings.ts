import { z } from 'zod';
import { MOST } from './bounds';
import { wrongInSchedulerCron } from './cron';
import { flag, instanceTypeName, integer, listOfDifferent, named, oneOf, text } from './fields';
import { timeZone } from './time-zone';

const queue = z
  .strictObject({
    fifo: flag('First in, first out. Decided when the queue is created: a change would replace it.').default(false),
    worker: oneOf(
      ['fleet', 'lambda'],
      'Who works on it: the worker fleet (steady or long jobs), or Lambda (short ones).',
    ).default('fleet'),
    jobSeconds: integer(1, 7200, 'Longest time that one job takes, seconds. With lambda at most 900.').default(60),
    maxReceives: integer(1, 1000, 'Times that a job is tried before it goes to the dead-letter queue.').default(5),
    maxAgeSeconds: integer(
      10,
      604_800,
      'Age of the oldest job from which an alarm calls, seconds; it counts while the job is under way. A queue keeps a job for ten days.',
    ).default(900),
    maxDepth: integer(1, 120_000, 'Waiting jobs from which an alarm calls.').default(10_000),
  })
  .describe('A queue');

const queues = named(queue, 'Queues by name, each with a dead-letter queue (phase 5 and later).');

const queueName = (description: string) => text(/^[a-z][a-z0-9-]{0,29}$/, 'the name of a queue', description);

const uploadsQueue = queueName(
  'Queue that each upload to the bucket enters, or none. Left out, media when there is such a queue.',
).optional();

const workers = z
  .strictObject({
    instanceType: instanceTypeName('Instance type of a worker, one BEAM each.'),
    minNodes: integer(
      0,
      MOST.nodes,
      'Least number of worker nodes. With 0, the first job after hours of silence may wait a quarter of an hour for a node.',
    ),
    maxNodes: integer(1, MOST.nodes, 'Greatest number of worker nodes.'),
    jobsAtOnce: integer(1, 100_000, 'Jobs that one worker node has under way at once.'),
    averageJobSeconds: z
      .number('a number of seconds from 0.001 to 7200')
      .min(0.001, 'a number of seconds from 0.001 to 7200')
      .max(7200, 'a number of seconds from 0.001 to 7200')
      .describe('Average time of a job, seconds. Assumed until measured.'),
    waitSeconds: integer(1, 86_400, 'Time that a job may wait; the backlog per worker follows from it, seconds.'),
    lambdaConcurrency: integer(2, MOST.lambdaConcurrency, 'Greatest number of Lambda workers at once, per queue.'),
    lambdaMemoryMiB: integer(128, 10_240, 'Memory of a Lambda worker, MiB.'),
    mailIdentities: listOfDifferent(
      text(
        /^([^@\s/*'"]{1,64}@)?[a-z0-9-]+(\.[a-z0-9-]+)+$/,
        'a domain or an address that is verified in SES, such as example.com',
        'Identity',
      ),
      'a list of domains and addresses that are verified in SES',
    )
      .max(20, 'a list of at most 20 domains and addresses')
      .optional()
      .describe(
        'Identities of SES that jobs of the kind mail.send may send as. Left out, domain.name; without one, none.',
      ),
  })
  .describe('Who works on the queues (phase 5 and later).');

const EXPRESSION = 'rate(1 hour) or cron(0 3 * * ? *)';

/** Problem with the expression in the brackets of `cron()`, or undefined. */
function wrongInExpression(expression: string): string | undefined {
  const [, fields] = /^cron\((.*)\)$/.exec(expression) ?? [];
  return fields === undefined ? undefined : wrongInSchedulerCron(fields);
}

const schedules = named(
  z
    .strictObject({
      expression: z
        .string(EXPRESSION)
        .regex(/^(rate\([1-9]\d{0,4} (minutes?|hours?|days?)\)|cron\([^)]{1,100}\))$/, EXPRESSION)
        .refine((expression) => wrongInExpression(expression) === undefined, {
          error: ({ input }) => `${EXPRESSION}: ${wrongInExpression(String(input))}`,
        })
        .describe('When, as EventBridge Scheduler writes it.'),
      timeZone: timeZone('Zone of cron.').default('UTC'),
      queue: queueName('Queue that the job enters.'),
      message: z
        .string('a text of 1 to 10000 characters')
        .min(1, 'a text of 1 to 10000 characters')
        .max(10_000, 'a text of 1 to 10000 characters')
        .optional()
        .describe(
          "Body of the job; <aws.scheduler.scheduled-time> in it becomes the time. Left out, a job of the schedule's name with that time for its id.",
        ),
    })
    .describe('A job that comes by itself'),
  'Jobs that enter a queue by the clock (phase 5 and later).',
);

const pressure = z
  .strictObject({
    shedAfterSeconds: integer(
      30,
      86_400,
      'Age of the oldest job from which low-priority requests are turned away, seconds.',
    ),
    admitBelowSeconds: integer(0, 86_399, 'Age below which they are let in again, seconds.'),
    retryAfterSeconds: integer(1, 3600, 'What Retry-After tells who is turned away, seconds.'),
    lowPriorityPaths: listOfDifferent(
      text(/^\/[A-Za-z0-9._~-][A-Za-z0-9._~/-]{0,199}$/, 'a path longer than /, such as /batch/', 'Path prefix'),
      'a list of paths such as /batch/',
    ).describe('Prefixes of the requests that can wait.'),
  })
  .describe('Back pressure: what gives way when the queues do not keep up (phase 5 and later).');

/** Settings of phase 5. */
export const asynchronous = { queues, uploadsQueue, workers, schedules, pressure };
