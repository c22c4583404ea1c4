import { describe, expect, test } from 'vitest';
import { WorkQueues } from '../../lib/constructs/async/work-queues';
import { verdictOf } from '../../lib/verdict/verdict';
import { all, architecture, one, required, singleStack, templateOf, textOf } from './single-stack';

/** The queues of a configuration. */
function queues(changes: Readonly<Record<string, object | null>> = {}) {
  const { queues: plans } = required(architecture(5, { queues: changes }).async);
  const stack = singleStack();
  new WorkQueues(stack, 'Queues', { environment: 'dev', plans });
  return templateOf(stack);
}

const template = queues();
const queue = (name: string, from = template) => one(from, 'AWS::SQS::Queue', `Queues${name}Queue`);
const deadLetters = (name: string, from = template) => one(from, 'AWS::SQS::Queue', `Queues${name}DeadLetters`);

describe('every queue', () => {
  test('and its dead-letter queue stay when they leave the template, and bear no name of ours', () => {
    const found = all(template, 'AWS::SQS::Queue');
    expect(found).toHaveLength(6);
    for (const { resource, properties } of found) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(properties).not.toHaveProperty('QueueName');
    }
  });

  test('is encrypted, and refuses whoever comes without TLS', () => {
    const guarded = all(template, 'AWS::SQS::QueuePolicy').flatMap(({ properties }) =>
      textOf(properties['PolicyDocument']).includes('"Effect":"Deny"') &&
      textOf(properties['PolicyDocument']).includes('"aws:SecureTransport":"false"')
        ? [textOf(properties['Queues'])]
        : [],
    );
    for (const { id, properties } of all(template, 'AWS::SQS::Queue')) {
      expect(properties['SqsManagedSseEnabled']).toBe(true);
      expect(guarded).toContainEqual(expect.stringContaining(id));
    }
  });

  test('gives a job up after the configured tries, to a queue that keeps it longer than itself', () => {
    for (const [name, tries] of [
      ['jobs', 5],
      ['media', 3],
    ] as const) {
      expect(queue(name).properties['RedrivePolicy']).toEqual({
        deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters(name).id, 'Arn'] },
        maxReceiveCount: tries,
      });
      expect(deadLetters(name).properties['MessageRetentionPeriod']).toBeGreaterThan(
        queue(name).properties['MessageRetentionPeriod'],
      );
    }
  });

  test("is nobody's dead-letter queue", () => {
    expect(queue('jobs').properties['RedriveAllowPolicy']).toEqual({ redrivePermission: 'denyAll' });
    expect(deadLetters('jobs').properties).not.toHaveProperty('RedrivePolicy');
  });

  test('tells its address to the nodes', () => {
    const published = Object.fromEntries(
      all(template, 'AWS::SSM::Parameter').map(({ properties }) => [properties['Name'], properties['Value']]),
    );
    expect(published).toEqual({
      '/beamstalk/dev/queues/jobs': { Ref: queue('jobs').id },
      '/beamstalk/dev/queues/mail': { Ref: queue('mail').id },
      '/beamstalk/dev/queues/media': { Ref: queue('media').id },
    });
  });
});

describe('a job that somebody has taken is hidden from the others', () => {
  const hidden = (changes: object): number =>
    queue('jobs', queues({ jobs: changes })).properties['VisibilityTimeout'] as number;

  test('for longer than it may take on a worker node', () => {
    expect(hidden({ worker: 'fleet', jobSeconds: 7200 })).toBeGreaterThan(7200);
  });

  test('six times as long as its function may run, whatever the job', () => {
    for (const jobSeconds of [1, 30, 900]) {
      const timeout = Math.min(jobSeconds + 5, 900);
      expect(hidden({ worker: 'lambda', jobSeconds })).toBe(6 * timeout);
    }
  });

  test('never longer than SQS hides anything, twelve hours', () => {
    expect(hidden({ worker: 'lambda', jobSeconds: 900 })).toBeLessThanOrEqual(43_200);
    expect(hidden({ worker: 'fleet', jobSeconds: 7200 })).toBeLessThanOrEqual(43_200);
  });
});

describe('a FIFO queue', () => {
  const fifo = queues({ jobs: { fifo: true } });

  test('has a dead-letter queue of its own kind, as SQS wants it', () => {
    for (const { properties } of [queue('jobs', fifo), deadLetters('jobs', fifo)]) {
      expect(properties['FifoQueue']).toBe(true);
    }
    for (const { properties } of [queue('mail', fifo), deadLetters('mail', fifo)]) {
      expect(properties).not.toHaveProperty('FifoQueue');
    }
  });

  test('tells messages apart by content: EventBridge and Scheduler send no id', () => {
    expect(queue('jobs', fifo).properties['ContentBasedDeduplication']).toBe(true);
  });

  test('is what a queue is for ever: the verdict refuses a flip, either way, and lets other changes pass', () => {
    const verdict = (before: typeof fifo, after: typeof fifo) =>
      verdictOf({ 'dev-async': before }, { 'dev-async': after }).verdict;
    expect(verdict(template, fifo)).toBe('refused');
    expect(verdict(fifo, template)).toBe('refused');
    expect(verdict(template, queues({ jobs: { maxReceives: 9, jobSeconds: 77 } }))).toBe('safe');
  });
});

describe('alarms of a queue', () => {
  const alarms = Object.fromEntries(
    all(queues({ jobs: { maxAgeSeconds: 77, maxDepth: 88 } }), 'AWS::CloudWatch::Alarm').map(({ properties }) => [
      properties['AlarmName'] as string,
      properties,
    ]),
  );

  test.each([
    ['dev-queue-jobs-age', 'ApproximateAgeOfOldestMessage', 77, 'Queue'],
    ['dev-queue-jobs-depth', 'ApproximateNumberOfMessagesVisible', 88, 'Queue'],
    ['dev-queue-jobs-dead-letters', 'ApproximateNumberOfMessagesVisible', 0, 'DeadLetters'],
  ])('%s looks at %s above %i', (name, metric, threshold, of) => {
    expect(alarms[name]).toMatchObject({
      MetricName: metric,
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      // A queue at rest reports nothing.
      TreatMissingData: 'notBreaching',
    });
    expect(textOf(alarms[name]?.['Dimensions'])).toContain(`Queuesjobs${of}`);
  });

  test('are there for every queue', () => {
    expect(Object.keys(alarms)).toHaveLength(9);
  });
});
