import { describe, expect, test } from 'vitest';
import { type CloudFormationTemplate, synthesise } from '../cdk-context';
import { all, allowing, EMPTY, type Found, one, permissions, policies, type Statement, textOf } from './single-stack';

type Context = Readonly<Record<string, unknown>>;

/** The stack of phase 5 of an environment, with what a user may set besides. */
const async = (context: Context = {}): CloudFormationTemplate =>
  synthesise('staging', 5, context)['staging-async'] ?? EMPTY;

const template = async();
const EVERYTHING: Context = {
  uploadsQueue: 'jobs',
  queues: { jobs: { fifo: true }, mail: { fifo: true, worker: 'lambda' } },
  schedules: {
    nightly: {
      expression: 'cron(0 3 * * ? *)',
      timeZone: 'Europe/Berlin',
      queue: 'jobs',
      message: '{"at":"<aws.scheduler.scheduled-time>"}',
    },
    hourly: { expression: 'rate(1 hour)', queue: 'media', message: '{"kind":"tidy"}' },
  },
};
const everything = async(EVERYTHING);

const queue = (name: string, from = template): Found => one(from, 'AWS::SQS::Queue', `Queues${name}Queue`);
const undelivered = (from = template): Found => one(from, 'AWS::SQS::Queue', 'Undelivered');

/** What the policy of a queue allows to services. */
function letIn(found: Found, from = template): Statement[] {
  const policies = all(from, 'AWS::SQS::QueuePolicy').filter(({ properties }) =>
    textOf(properties['Queues']).includes(found.id),
  );
  return policies
    .flatMap(({ properties }) => properties['PolicyDocument'].Statement as Statement[])
    .filter(({ Effect }) => Effect === 'Allow');
}

describe('uploads', () => {
  const rule = one(template, 'AWS::Events::Rule', 'Uploads').properties;

  test('are told by the bucket itself, in place, with no function that writes its notifications', () => {
    const uploads = (phase: 4 | 5) =>
      one(synthesise('staging', phase)['staging-data'] ?? EMPTY, 'AWS::S3::Bucket', 'BucketsUploads');
    expect(uploads(4).id).toBe(uploads(5).id);
    const { NotificationConfiguration, ...others } = uploads(5).properties;
    expect(NotificationConfiguration).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
    expect(others).toEqual(uploads(4).properties);
    const data = synthesise('staging', 5)['staging-data'] ?? EMPTY;
    expect(Object.values(data.Resources).filter(({ Type }) => Type.startsWith('Custom::S3'))).toEqual([]);
  });

  test('of this bucket and account enter the queue as a job that says where they are', () => {
    expect(rule['EventPattern']).toMatchObject({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      account: [{ Ref: 'AWS::AccountId' }],
    });
    expect(textOf(rule['EventPattern'].detail.bucket.name)).toContain('BucketsUploadsBucket');
    expect(rule['Targets']).toEqual([
      expect.objectContaining({
        Arn: { 'Fn::GetAtt': [queue('media').id, 'Arn'] },
        InputTransformer: {
          InputPathsMap: { 'detail-object-version-id': '$.detail.object.version-id', detail: '$.detail' },
          InputTemplate: '{"kind":"upload","id":<detail-object-version-id>,"payload":<detail>}',
        },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [undelivered().id, 'Arn'] } },
      }),
    ]);
  });

  test('are let in by both queues for this one rule', () => {
    for (const found of [queue('media'), undelivered()]) {
      const [statement, ...more] = letIn(found);
      expect(more).toEqual([]);
      expect(statement).toMatchObject({ Principal: { Service: 'events.amazonaws.com' } });
      expect(textOf(statement?.Condition)).toMatch(/aws:SourceArn.*UploadsRule/);
    }
    expect(letIn(queue('jobs'))).toEqual([]);
  });

  test('keep their order in a FIFO queue, and what is not delivered goes to a standard one', () => {
    const [target] = one(everything, 'AWS::Events::Rule', 'Uploads').properties['Targets'] as Record<string, unknown>[];
    expect(target).toMatchObject({
      Arn: { 'Fn::GetAtt': [queue('jobs', everything).id, 'Arn'] },
      SqsParameters: { MessageGroupId: 'uploads' },
    });
    expect(undelivered(everything).properties).not.toHaveProperty('FifoQueue');
  });

  test('make no rule when nobody wants them', () => {
    expect(all(async({ uploadsQueue: 'none' }), 'AWS::Events::Rule').map(({ id }) => id)).toEqual([
      expect.stringMatching(/^PressureAnyway/),
      expect.stringMatching(/^PressureChanges/),
    ]);
  });
});

describe('schedules', () => {
  const found = Object.fromEntries(
    all(everything, 'AWS::Scheduler::Schedule').map(({ id, properties }) => [
      id.replace(/^Schedules([a-z]+).*$/, '$1'),
      properties,
    ]),
  );

  test('come when they should, with no window, in a group of the environment', () => {
    const group = one(everything, 'AWS::Scheduler::ScheduleGroup');
    expect(found['nightly']).toMatchObject({
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      GroupName: group.properties['Name'],
      State: 'ENABLED',
    });
    expect(found['hourly']).toMatchObject({ ScheduleExpression: 'rate(1 hour)' });
    // By name alone, a schedule could be made before its group.
    for (const { resource } of all(everything, 'AWS::Scheduler::Schedule')) {
      expect(resource['DependsOn']).toContain(group.id);
    }
  });

  test('put their message into their queue, in a group of their own if it is FIFO', () => {
    expect(found['nightly']?.['Target']).toMatchObject({
      Arn: { 'Fn::GetAtt': [queue('jobs', everything).id, 'Arn'] },
      Input: '{"at":"<aws.scheduler.scheduled-time>"}',
      SqsParameters: { MessageGroupId: 'nightly' },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': [undelivered(everything).id, 'Arn'] } },
    });
    expect(found['hourly']?.['Target']).toMatchObject({ Input: '{"kind":"tidy"}' });
    expect(textOf(found['hourly']?.['Target'])).not.toContain('MessageGroupId');
  });

  test('act by a role that only this group may take, and that does nothing but send', () => {
    const role = one(everything, 'AWS::IAM::Role', 'SchedulesRole');
    const [trust] = role.properties['AssumeRolePolicyDocument'].Statement as Statement[];
    expect(trust).toMatchObject({ Principal: { Service: 'scheduler.amazonaws.com' } });
    expect(textOf(trust?.Condition)).toContain('"aws:SourceAccount":{"Ref":"AWS::AccountId"}');
    expect(textOf(trust?.Condition)).toMatch(/"aws:SourceArn":\{"Fn::GetAtt":\["SchedulesGroup\w+","Arn"\]\}/);
    const given = policies(everything)
      .filter(({ properties }) => textOf(properties['Roles']).includes(role.id))
      .flatMap(({ properties }) => properties['PolicyDocument'].Statement as Statement[]);
    expect(new Set(given.flatMap(({ Action }) => Action))).toEqual(new Set(['sqs:SendMessage']));
    expect(textOf(given.map(({ Resource }) => Resource))).not.toContain('Queuesmail');
  });

  test('are not there when none is configured, nor is their role', () => {
    expect(all(template, 'AWS::Scheduler::ScheduleGroup')).toEqual([]);
    expect(all(template, 'AWS::IAM::Role').filter(({ id }) => id.startsWith('Schedules'))).toEqual([]);
  });
});

describe('short jobs', () => {
  const handler = one(template, 'AWS::Lambda::Function', 'Lambdamail').properties;
  const mapping = one(template, 'AWS::Lambda::EventSourceMapping', 'Lambdamail').properties;

  test('fail one by one, and take no more functions at once than they may', () => {
    expect(mapping).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': [queue('mail').id, 'Arn'] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
      BatchSize: 10,
    });
    // A young account has no concurrency to reserve.
    expect(handler).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test('of a FIFO queue come one at a time: a batch has the time of one job', () => {
    expect(one(everything, 'AWS::Lambda::EventSourceMapping', 'Lambdamail').properties['BatchSize']).toBe(1);
  });

  test('have the time that they may take and that to answer, and a queue that hides them six times as long', () => {
    expect(handler['Timeout']).toBe(35);
    expect(queue('mail').properties['VisibilityTimeout']).toBe(6 * 35);
  });

  test('know their queue by the name that never changes, and where to look up what is done', () => {
    expect(handler['Environment'].Variables).toMatchObject({
      ENVIRONMENT: 'staging',
      QUEUE: 'mail',
      IDEMPOTENCY_TABLE: { Ref: one(template, 'AWS::DynamoDB::GlobalTable').id },
    });
    expect(handler).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x', Handler: 'handler.handler' });
  });

  test('write nowhere but into that table and their own log', () => {
    const policy = one(template, 'AWS::IAM::Policy', 'LambdamailRole').properties;
    const statements = policy['PolicyDocument'].Statement as Statement[];
    expect(textOf(allowing(statements, 'dynamodb:PutItem').map(({ Resource }) => Resource))).toMatch(
      /^\[\{"Fn::GetAtt":\["DoneTable\w+","Arn"\]\}\]$/,
    );
    expect(textOf(statements)).not.toContain('"*"');
  });

  test('are remembered in a table that expires its records by itself and is not lost with a template', () => {
    const { resource, properties } = one(template, 'AWS::DynamoDB::GlobalTable');
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
    });
    expect(properties['Replicas']).toEqual([
      expect.objectContaining({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    ]);
  });

  test('need no function where the fleet does everything, and what was done stays known', () => {
    const fleet = async({ queues: { mail: { worker: 'fleet' } } });
    expect(all(fleet, 'AWS::DynamoDB::GlobalTable')).toEqual(all(template, 'AWS::DynamoDB::GlobalTable'));
    expect(all(fleet, 'AWS::Lambda::EventSourceMapping')).toEqual([]);
  });
});

describe('application nodes', () => {
  const nodes = synthesise('staging', 5)['staging-app'] ?? EMPTY;

  test('may put jobs into every queue, and take none', () => {
    const statements = permissions(nodes);
    const [statement, ...more] = allowing(statements, 'sqs:SendMessage');
    expect(more).toEqual([]);
    expect(statement?.Action).toEqual(['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage']);
    const arns = [statement?.Resource].flat().map(textOf);
    expect(arns).toEqual(['jobs', 'mail', 'media'].map((name) => expect.stringContaining(`Queues${name}Queue`)));
    expect(allowing(statements, 'sqs:ReceiveMessage')).toEqual([]);
  });

  test('come after the queues, of which they learn when they boot', () => {
    expect(textOf(template)).not.toContain('staging-app');
    expect(all(template, 'AWS::AutoScaling::AutoScalingGroup')).toEqual([]);
  });
});

describe('workers', () => {
  test('boot with the release, the cookie and the data of the environment', () => {
    const statements = permissions(synthesise('staging', 5)['staging-workers'] ?? EMPTY);
    const secrets = textOf(allowing(statements, 'secretsmanager:GetSecretValue'));
    for (const secret of ['CookieSecret', 'DatabaseSecret', 'CachePassword']) expect(secrets).toContain(secret);
    expect(allowing(statements, 'sqs:ReceiveMessage')).toHaveLength(1);
  });

  test('are no fleet where Lambda does everything', () => {
    const none = { queues: { jobs: null, media: null } };
    expect(synthesise('staging', 5, none)).not.toHaveProperty('staging-workers');
    expect(all(async(none), 'AWS::SQS::Queue')).toHaveLength(3);
  });
});

describe('a queue that Lambda works on', () => {
  test('has a function that sends mail as whom it is told, and as nobody when it is not told', () => {
    expect(allowing(permissions(template), 'ses:SendEmail')).toEqual([]);
    const told = async({ workers: { mailIdentities: ['example.com', 'hello@example.org'] } });
    const allowed = textOf(allowing(permissions(told), 'ses:SendEmail'));
    for (const name of ['identity/example.com', 'identity/hello@example.org', 'configuration-set/*']) {
      expect(allowed).toContain(`:${name}`);
    }
    expect(allowed).not.toContain('identity/*');
  });
});
